import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../functions/contract/defined.ts';
import type { LedgerEntry } from '../../functions/contract/ledger.ts';
import type { Execution } from '../play/states/execution.ts';
import type { Aftermath } from './aftermath.ts';
import { type AnyOutcome, type RunRecord, recordRun } from './run-record.ts';
import type { Sandbox } from './sandbox.ts';

/** A run that began once the rehearsed one was over, or a time of the schedule that was left out. */
interface LaterRun extends Pick<RunRecord, 'action' | 'announcedAt' | 'outAt' | 'backAt'> {
  outcome: AnyOutcome | 'skipped' | 'missed';
}

/** Writes `after.json`: how everything stood after each step of `--after`, and which runs there were. */
export async function writeAfter(
  sandbox: Sandbox,
  {
    out,
    system,
    before,
    aftermath,
  }: { out: string; system: string; before: (Execution | undefined)[]; aftermath: Aftermath[] },
): Promise<void> {
  const { stateMachine, startup } = sandbox.executions.deployment;
  const later = [...sandbox.executions.all.values()].filter(
    (execution) =>
      [stateMachine.arn, startup.arn].includes(execution.machine.arn) && !before.includes(execution),
  );
  const runs: (LaterRun & { sortedBy: string })[] = leftOut(out, system);
  for (const execution of later) {
    const { action, announcedAt, outAt, backAt, outcome, startedAt } = await recordRun(
      sandbox,
      execution,
      out,
      system,
    );
    runs.push({ action, outcome, ...defined({ announcedAt, outAt, backAt }), sortedBy: startedAt });
  }
  const sorted = runs
    .toSorted((one, other) => (one.sortedBy < other.sortedBy ? -1 : 1))
    .map(({ sortedBy: _by, ...run }) => run);
  await writeFile(
    join(out, 'after.json'),
    `${JSON.stringify({ steps: aftermath, runs: sorted }, null, 2)}\n`,
  );
}

/** Times of the schedule at which nothing ran although it was to. A start-up of a system that is on leaves nothing out. */
function leftOut(out: string, system: string): (LaterRun & { sortedBy: string })[] {
  const ledger = join(out, 'evidence', 'schedule', system);
  if (!existsSync(ledger)) return [];
  return readdirSync(ledger)
    .filter((name) => name !== 'planner.json')
    .map((name) => JSON.parse(readFileSync(join(ledger, name), 'utf8')) as LedgerEntry)
    .flatMap(({ action, at, decision, reason }) =>
      decision === 'begin' || reason?.why === 'is-on'
        ? []
        : [{ action, announcedAt: at, outcome: decision, sortedBy: at }],
    );
}
