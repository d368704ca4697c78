import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SystemConfig } from '../contract/config.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError, messageOf } from '../contract/errors.ts';
import { describeIssues } from '../contract/wording.ts';
import { environmentVariable } from './environment.ts';

/**
 * Reads the system's configuration. It was deployed with the function's own code, so both always have one version.
 *
 * @throws LightsOutError `InvalidConfiguration` when the file is missing or does not validate (the code was changed by hand).
 */
export async function readConfiguration(): Promise<SystemConfig> {
  const file = environmentVariable(EnvironmentVariable.ConfigurationFile);
  const found = await readJson(file);
  const parsed = SystemConfig.safeParse(found);
  if (parsed.success) return parsed.data;
  const problems = describeIssues(parsed.error, 'system', found).join('; ');
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    `${file} in the code of the function: ${problems}. Expected what systems.ts holds: deploy the stack again`,
  );
}

/** Names a configuration by a hash of its content, e.g. `3f9a1c07b2de`. Equal configurations have equal names. */
export function configurationVersion(config: SystemConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}

async function readJson(file: string): Promise<unknown> {
  // Lambda unpacks a function's code here:
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
  const folder = process.env['LAMBDA_TASK_ROOT'] ?? '.';
  try {
    return JSON.parse(await readFile(resolve(folder, file), 'utf8'));
  } catch (error) {
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      `${file} in the code of the function cannot be read (${messageOf(error)}); expected the system's configuration as JSON: deploy the stack again`,
      { cause: error },
    );
  }
}
