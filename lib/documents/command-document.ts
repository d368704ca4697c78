import { readFileSync } from 'node:fs';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Server } from '../../functions/contract/config.ts';

export interface DocumentParameter {
  type: 'String';
  description: string;
  allowedValues?: string[];
  allowedPattern?: string;
  default?: string;
}

export interface CommandDocumentProps {
  name: string;
  description: string;
  /** Base name of the scripts in `lib/documents/`, without `.sh` and `.ps1`. */
  script: string;
  parameters: Record<string, DocumentParameter>;
  /** What the script may touch, by platform: fingerprints, and paths as base64. They replace `@OWN@` in the script. @default - none */
  own?: Record<Server['platform'], string[]>;
  /** How long the script may run, in seconds, or `{{ Name }}` of the document's parameter for it. Default 120. */
  timeoutSeconds?: string;
}

/**
 * An SSM Command document with a Linux and a Windows half. Each server runs its own half.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
 */
export function commandDocument(scope: Construct, id: string, props: CommandDocumentProps): CfnDocument {
  const { name, description, script, parameters, own, timeoutSeconds = '120' } = props;
  return new CfnDocument(scope, id, {
    name,
    documentType: 'Command',
    documentFormat: 'JSON',
    // CloudFormation cannot replace a named document, but add a version.
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '2.2',
      description,
      parameters,
      mainSteps: [
        {
          action: 'aws:runShellScript',
          name: 'linux',
          precondition: { StringEquals: ['platformType', 'Linux'] },
          inputs: { timeoutSeconds, runCommand: lines(`${script}.sh`, own?.linux) },
        },
        {
          action: 'aws:runPowerShellScript',
          name: 'windows',
          precondition: { StringEquals: ['platformType', 'Windows'] },
          inputs: { timeoutSeconds, runCommand: lines(`${script}.ps1`, own?.windows) },
        },
      ],
    },
  });
}

function lines(file: string, own: readonly string[] = []): string[] {
  const text = readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
  // Only hexadecimal digits, colons, base64 and blanks are ever written into a script.
  return text.trimEnd().replace('@OWN@', own.join(' ')).split('\n');
}
