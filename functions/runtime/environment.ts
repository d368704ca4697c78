import type { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';

/**
 * Reads an environment variable that the stack sets.
 *
 * @throws LightsOutError `InvalidConfiguration` when the variable is missing: the function was deployed without it.
 */
export function environmentVariable(name: EnvironmentVariable): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new LightsOutError(
      ErrorName.InvalidConfiguration,
      `environment variable ${name} is not set; expected the stack to set it: deploy the stack again`,
    );
  }
  return value;
}
