import type { z } from 'zod';
import { notAllowed } from '../../functions/contract/allowed-input.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { didYouMean } from '../../functions/contract/nearest.ts';
import { describeIssues } from '../../functions/contract/wording.ts';
import { BadInputError } from '../bad-input.ts';
import { parseJson } from '../written-json.ts';
import { AFTER_STEPS, type AfterStep } from './aftermath.ts';

const EXAMPLE = 'expected a list such as [{"days":8},{"start":"database"},{"release":"Monday"}]';
const KEYS = Object.keys(AFTER_STEPS) as (keyof typeof AFTER_STEPS)[];

/**
 * Reads the JSON of `--after`.
 *
 * @throws BadInputError one line that names the entry, its field and what is expected there.
 */
export function parseAfter(text: string): AfterStep[] {
  const entries = parseJson('--after', text, EXAMPLE);
  if (!Array.isArray(entries)) throw new BadInputError(`--after: ${EXAMPLE}`);
  return entries.map(parseStep);
}

function parseStep(entry: unknown, index: number): AfterStep {
  const at = `--after[${index}]`;
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new BadInputError(`${at} expected an object with one of: ${KEYS.join(', ')}`);
  const key = KEYS.find((name) => name in entry);
  if (key === undefined) {
    const [unknown] = Object.keys(entry);
    throw new BadInputError(
      `${at}${unknown === undefined ? '' : `.${unknown} is not known;`} expected one of: ${KEYS.join(', ')}${unknown === undefined ? '' : didYouMean(unknown, KEYS)}`,
    );
  }
  const parsed = (AFTER_STEPS[key] as z.ZodType<AfterStep>).safeParse(entry);
  if (parsed.success) return parsed.data;
  const beside = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  const other = beside.find((name) => (KEYS as string[]).includes(name));
  throw new BadInputError(
    other === undefined
      ? describeIssues(parsed.error, at, entry).join('; ')
      : `${at}.${other} does not go with "${key}"; expected one of ${KEYS.join(', ')} an entry`,
  );
}

/** @throws BadInputError when a step starts a server that the system does not have, or a run that its configuration does not allow. */
export function checkAfter(
  steps: readonly AfterStep[],
  config: Pick<SystemConfig, 'name' | 'servers' | 'verification' | 'allowUnverified'>,
): void {
  const known = ['database', ...config.servers.map(({ name }) => name)];
  steps.forEach((step, index) => {
    const problems = 'run' in step ? notAllowed(step.run, config, `--after[${index}].run`) : [];
    if (problems.length > 0) throw new BadInputError(problems.join('; '));
    if ('start' in step && !known.includes(step.start))
      throw new BadInputError(
        `--after[${index}].start "${step.start}": no such server; expected one of: ${known.join(', ')}`,
      );
  });
}
