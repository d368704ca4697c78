import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { ssm } from './aws/clients.ts';
import { isAwsError } from './aws/errors.ts';
import { SystemConfig } from './contract/config.ts';
import { EnvironmentVariable } from './contract/environment.ts';
import { ErrorName, LightsOutError, messageOf } from './contract/errors.ts';
import { describeIssues } from './contract/input.ts';
import { environmentVariable } from './environment.ts';

/**
 * Reads the system's configuration as the stack stored it.
 *
 * @throws LightsOutError `InvalidConfiguration` when it is missing or does not validate (the parameter was changed by hand).
 */
export async function readConfiguration(): Promise<SystemConfig> {
  const name = environmentVariable(EnvironmentVariable.ConfigParameter);
  const parsed = SystemConfig.safeParse(await readParameter(name));
  if (parsed.success) return parsed.data;
  const problems = describeIssues(parsed.error, 'system').join('; ');
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    `SSM parameter ${name}: ${problems}. Expected what systems.ts holds: deploy the stack again`,
  );
}

async function readParameter(name: string): Promise<unknown> {
  try {
    const answer = await ssm().send(new GetParameterCommand({ Name: name }));
    return JSON.parse(answer.Parameter?.Value ?? '');
  } catch (error) {
    if (!isAwsError(error, 'ParameterNotFound') && !(error instanceof SyntaxError)) throw error;
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      `SSM parameter ${name} cannot be read (${messageOf(error)}); expected the system's configuration as JSON: deploy the stack again`,
      { cause: error },
    );
  }
}
