import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from '../../../engines/budget.ts';
import type { CheckResult, Engine } from '../../../engines/engine.ts';
import { type EngineCheck, type Manifest, objectName } from '../../../engines/manifest.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { RunContext } from '../../contract/state.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';

export interface CopyToCheck {
  config: SystemConfig;
  run: RunContext;
  /** The copy's endpoint. */
  copy: { address: string; port: number };
  /** The copy's manifest: its databases are checked. */
  manifest: Manifest;
}

/** The content of `engine-check.json` between two calls: the findings of each database so far. */
interface Checked {
  /** When the checked server was started. The check of another copy is not continued. */
  startedAt: string;
  databases: Record<string, CheckResult>;
}

/**
 * Lets the engine check the copy's databases, as far as one call gets.
 *
 * @returns the result, or undefined when the check has to be called again.
 */
export async function checkCopy({
  config,
  run,
  copy,
  manifest,
}: CopyToCheck): Promise<EngineCheck | undefined> {
  const stopAt = Date.now() + WORK_BUDGET_MILLISECONDS;
  const key = EvidenceKey.engineCheck(config.name, run.id);
  const stored = (await readEvidence<Checked>(key))?.value;
  const { startedAt } = manifest.server;
  const progress: Checked = stored?.startedAt === startedAt ? stored : { startedAt, databases: {} };
  const { engine } = await engineOfSystem(config, copy, STATEMENT_TIMEOUT_SECONDS);
  for (const { name } of manifest.databases) {
    const before = progress.databases[name];
    if (before?.complete === true) continue;
    const now = await engine
      .check(name, { stopAt, checked: before?.checked ?? [], mayPrepare: true })
      .catch((error: unknown) => {
        throw engine.isConnectionProblem(error) ? brokenOff(engine, name, error) : error;
      });
    progress.databases[name] = before === undefined ? now : together(before, now);
    if (now.complete) continue;
    await writeEvidence(key, progress);
    return undefined;
  }
  await writeEvidence(key, progress);
  return summaryOf(progress);
}

/** The workflow tries again; databases that are checked already are not checked again. */
function brokenOff(engine: Engine, database: string, error: unknown): LightsOutError {
  return new LightsOutError(
    ErrorName.DatabaseUnreachable,
    `the server at ${engine.endpoint} broke off the connection while database "${database}" was checked (${engine.describe(error)}); ${engine.remedy(error)}`,
    { cause: error },
  );
}

function together(before: CheckResult, now: CheckResult): CheckResult {
  const added = <Entry extends { object: string }>(earlier: Entry[], later: Entry[]): Entry[] => {
    const known = new Set(earlier.map(({ object }) => object));
    return [...earlier, ...later.filter(({ object }) => !known.has(object))];
  };
  return {
    ...now,
    checked: [...new Set([...before.checked, ...now.checked])],
    problems: added(before.problems, now.problems),
    notChecked: added(before.notChecked, now.notChecked),
  };
}

function summaryOf({ databases }: Checked): EngineCheck {
  const all = Object.entries(databases);
  const named = <Entry extends { object: string }>(of: (result: CheckResult) => Entry[]): Entry[] =>
    all.flatMap(([name, result]) =>
      of(result).map((entry) => ({ ...entry, object: objectName(name, entry.object) })),
    );
  return {
    method: [...new Set(all.map(([, { method }]) => method))].join('; '),
    checked: all.reduce((sum, [, { checked }]) => sum + checked.length, 0),
    problems: named(({ problems }) => problems),
    notChecked: named(({ notChecked }) => notChecked),
  };
}
