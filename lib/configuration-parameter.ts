import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/shared/contract/config.ts';
import type { ResourceNames } from './resource-names.ts';

/** Largest values of the two tiers, in bytes: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const STANDARD_BYTES = 4096;
const ADVANCED_BYTES = 8192;

/**
 * The system's configuration, as the plan of each run reads it.
 *
 * @throws Error at synth when it is larger than an advanced parameter.
 */
export class ConfigurationParameter extends StringParameter {
  constructor(scope: Construct, id: string, names: ResourceNames, system: SystemConfig) {
    const stringValue = JSON.stringify(system);
    const bytes = Buffer.byteLength(stringValue);
    if (bytes > ADVANCED_BYTES) {
      throw new Error(
        `system "${system.name}": its configuration takes ${bytes} bytes, an SSM parameter holds at most ${ADVANCED_BYTES}; ` +
          'use distribution lists in notices, or split the system',
      );
    }
    super(scope, id, {
      parameterName: names.configParameter,
      description: `Lights Out: configuration of ${system.name}, made from systems.ts`,
      stringValue,
      tier: bytes > STANDARD_BYTES ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
    });
  }
}
