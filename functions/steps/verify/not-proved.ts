import type { Comparison, EngineCheck } from '../../../engines/manifest.ts';
import { counted } from '../../contract/counted.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { shown } from '../../contract/shown.ts';

/** The most differences named in the error; the evidence has all of them. */
const NAMED_DIFFERENCES = 5;

/** The copy is not what the source is. */
export function mismatch(comparison: Comparison, key: string): LightsOutError {
  const named = comparison.differences
    .slice(0, NAMED_DIFFERENCES)
    .map((difference) => `${shown(difference.object)} (${detailOf(difference)})`);
  const more = comparison.differences.length - named.length;
  const stray = comparison.differences.some((difference) => difference.strayWrite === true);
  return new LightsOutError(
    ErrorName.VerificationMismatch,
    `the restored copy differs from the source in ${counted(comparison.differences.length, 'object')}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}. ` +
      `Expected both equal; the backup is not proved, so nothing was switched off. ${stray ? 'Something still writes to the source: find it among its sessions, add its service to the system, and start the run again. ' : ''}All differences: ${key}`,
  );
}

/** The difference with its columns and the keys that were looked up. */
function detailOf({ detail, columns = [], keys = [] }: Comparison['differences'][number]): string {
  const words = (one: string, names: string[]): string[] =>
    names.length === 0 ? [] : [`${names.length === 1 ? one : `${one}s`} ${names.map(shown).join(', ')}`];
  return [detail, ...words('column', columns), ...words('row', keys)].join('; ');
}

/** The copy is equal row by row and still damaged, for example in an index that would lead to the wrong rows. */
export function damaged({ method, problems }: EngineCheck, key: string): LightsOutError {
  const named = problems
    .slice(0, NAMED_DIFFERENCES)
    .map(({ object, problem }) => `${shown(object)} (${problem})`);
  const more = problems.length - named.length;
  return new LightsOutError(
    ErrorName.VerificationMismatch,
    `the restored copy holds the source's rows, but the engine's own check (${method}) found damage in ${counted(problems.length, 'object')}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}. ` +
      `Expected none; the backup is not proved, so nothing was switched off. Run the same check on the source: if it finds the same there, repair it (an index: REINDEX), and start the run again. All of it: ${key}`,
  );
}
