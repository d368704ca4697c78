import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../functions/contract/defined.ts';
import { type RunRecord, runFolder } from '../rehearsal/run-record.ts';

/** What a run has left in its evidence under this name, whether or not it could be closed. Undefined: nothing. */
export async function evidenceOf<Value>(
  out: string,
  system: string,
  executionArn: string,
  name: string,
): Promise<Value | undefined> {
  const file = join((await runFolder(out, system, executionArn)) ?? out, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Value) : undefined;
}

/** What became of the data is on record also of a start-up that could not store its certificate. */
export async function withConfirmation(record: RunRecord, out: string, system: string): Promise<RunRecord> {
  if (record.confirmation !== undefined) return record;
  const confirmation = await evidenceOf<NonNullable<RunRecord['confirmation']>>(
    out,
    system,
    record.executionArn,
    'confirmation.json',
  );
  return { ...record, ...defined({ confirmation }) };
}
