import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a run has left in its evidence under this name. Undefined: nothing. */
export function evidenceOf<Value>(
  out: string,
  system: string,
  runId: string,
  name: string,
): Value | undefined {
  const file = join(out, 'evidence', 'runs', system, runId, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Value) : undefined;
}
