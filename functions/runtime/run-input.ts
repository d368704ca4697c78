import type { z } from 'zod';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { describeIssues } from '../contract/wording.ts';
import { environmentVariable } from './environment.ts';

/**
 * Reads the input of an execution.
 *
 * @param does what the state machine does, for the sentence about another system's name: `shuts down`.
 * @throws LightsOutError `InvalidInput` with all problems.
 */
export function parseRunInput<Input extends { system?: string | undefined }>(
  schema: z.ZodType<Input>,
  rawInput: unknown,
  does: string,
): Input {
  const parsed = schema.safeParse(rawInput);
  const problems = parsed.success ? [] : describeIssues(parsed.error, 'input', rawInput);
  const system = environmentVariable(EnvironmentVariable.SystemName);
  if (parsed.success && parsed.data.system !== undefined && parsed.data.system !== system)
    problems.push(
      `input.system: this state machine ${does} "${system}", not "${parsed.data.system}"; start the other system's own`,
    );
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new LightsOutError(ErrorName.InvalidInput, problems.join('; '));
}
