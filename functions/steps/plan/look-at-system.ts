import { notAllowed } from '../../contract/allowed-input.ts';
import type { AlreadyOff } from '../../contract/already-off.ts';
import { announcedTimeProblem } from '../../contract/announced-time.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { RunInput } from '../../contract/input.ts';
import type { Plan, Reason } from '../../contract/plan-state.ts';
import type { Requester } from '../../contract/principal.ts';
import type { ExecutionReference, RunContext, ShutdownState } from '../../contract/state.ts';
import { expectedDurations, expectedProof } from '../../guard/durations.ts';
import { requireNoHold } from '../../guard/holds.ts';
import { requireFreeLock } from '../../guard/lock.ts';
import { requesterOf } from '../../guard/requests.ts';
import { configurationVersion, readConfiguration } from '../../runtime/configuration.ts';
import { runIdOf } from '../../runtime/run.ts';
import { parseRunInput } from '../../runtime/run-input.ts';
import { lookWhetherOff } from './already-off.ts';
import { lookAtApproval } from './approval.ts';
import { lookAtChannels } from './channels.ts';
import { lookAtDatabase } from './database.ts';
import type { Findings } from './findings.ts';
import { waitForWhatPasses } from './passing-states.ts';
import { lookAtServers } from './servers.ts';
import { lookAtVolumes } from './volumes.ts';

/** Looks at everything the run will touch and answers the run's first state: its input, and `run`, `config`, `plan`. */
export async function look(
  execution: ExecutionReference,
  rawInput: unknown,
): Promise<RunInput & Pick<ShutdownState, 'run' | 'config' | 'plan' | 'isOff'>> {
  const input = parseRunInput(RunInput, rawInput, 'shuts down');
  const config = await readConfiguration();
  const problems = notAllowed(input, config, 'input');
  if (problems.length > 0) throw new LightsOutError(ErrorName.InvalidInput, problems.join('; '));
  const run = runContext(execution, input, config, await requesterOf(execution, rawInput));
  const besides = [...(await otherRun(run)), ...(await heldBy(run))];
  if (run.onlyProve === true)
    return { ...input, run, config, plan: await lookForProof(run, config, besides) };
  const alreadyOff = await lookWhetherOff(config);
  if (alreadyOff !== undefined)
    return { ...input, run, config, plan: nothingToDo(config, alreadyOff, besides), isOff: true };
  const approval = lookAtApproval(run, config);
  const [database, servers, volumes, channels, expected] = await Promise.all([
    lookAtDatabase(config, run),
    lookAtServers(config),
    lookAtVolumes(config, run.verification),
    lookAtChannels(config),
    expectedDurations(config.name, run.verification, config.files.backup),
  ]);
  const parts: Findings[] = [database, servers, volumes, channels];
  const pendingUpdates = parts.flatMap((part) => part.pendingUpdates);
  const reasons = [
    ...parts.flatMap((part) => part.reasons),
    ...updatesRequired(config, pendingUpdates),
    ...approval.reasons,
  ];
  // A dry run reports at once the states that a run would wait for.
  if (!run.dryRun) waitForWhatPasses(run, reasons);
  const plan: Plan = {
    ...defined({ database: database.database }),
    servers: servers.servers,
    files: volumes.files,
    pendingUpdates,
    reasons,
    warnings: [
      ...besides,
      ...unproved(run),
      ...approval.warnings,
      ...shortNotice(run, config),
      ...parts.flatMap((part) => part.warnings),
    ],
    expected,
  };
  return { ...input, run, config, plan };
}

/** What a run that only proves a backup looks at: the database, and whether the operators can be told. */
async function lookForProof(run: RunContext, config: SystemConfig, besides: string[]): Promise<Plan> {
  const [database, channels, expected] = await Promise.all([
    lookAtDatabase(config, run),
    lookAtChannels(config),
    expectedProof(config.name),
  ]);
  const reasons = [...database.reasons, ...channels.reasons];
  if (!run.dryRun) waitForWhatPasses(run, reasons);
  return {
    ...defined({ database: database.database }),
    servers: [],
    pendingUpdates: [],
    reasons,
    warnings: [
      ...besides,
      LIVE,
      ...(isFrozenBySnapshot(config, database.database) ? [FROZEN] : []),
      ...database.warnings,
      ...channels.warnings,
    ],
    expected,
  };
}

const LIVE =
  'the database is read while it is in use: what is written meanwhile cannot be compared exactly, and is named';

/**
 * "Creating this DB snapshot on a Single-AZ DB instance results in a brief I/O suspension that can last from a few seconds to a few minutes", and for
 * SQL Server in Multi-AZ too: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html. Aurora has none.
 */
const FROZEN =
  'while the snapshot begins, RDS suspends the I/O of the database for seconds to minutes: users wait, and cannot work';

function isFrozenBySnapshot({ database }: SystemConfig, found: Plan['database']): boolean {
  if (found === undefined || database.kind === 'cluster') return false;
  return !found.multiAz || database.engine === 'sqlserver';
}

/** Nobody is asked, told or waited for. */
function nothingToDo(config: SystemConfig, alreadyOff: AlreadyOff, warnings: string[]): Plan {
  return {
    servers: config.servers.map(({ name, instanceId, platform }) => ({
      name,
      instanceId,
      platform,
      state: 'stopped',
    })),
    pendingUpdates: [],
    reasons: [],
    warnings,
    alreadyOff,
    expected: { totalSeconds: 0, steps: {} },
  };
}

function runContext(
  execution: ExecutionReference,
  input: RunInput,
  config: SystemConfig,
  requester: Requester,
): RunContext {
  const started = Date.parse(execution.startTime);
  // Where nobody is told there is no notice.
  const lead =
    input.emergency === true || input.onlyProve === true
      ? 0
      : Math.max(...config.notices.leadMinutes) * 60_000;
  const at = input.at === undefined ? started + lead : Date.parse(input.at);
  const problem = input.at === undefined ? undefined : announcedTimeProblem(input.at, started);
  if (problem !== undefined) throw new LightsOutError(ErrorName.InvalidInput, `input.at: ${problem}`);
  const backAt = input.backAt === undefined ? undefined : Date.parse(input.backAt);
  if (backAt !== undefined && backAt <= at)
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `input.backAt: ${input.backAt} is not after the time at which users are out (${new Date(at).toISOString()}); expected the later time at which they are back`,
    );
  return {
    id: runIdOf(execution),
    system: config.name,
    action: 'shutdown',
    executionArn: execution.id,
    startedAt: new Date(started).toISOString(),
    at: new Date(at).toISOString(),
    dryRun: input.dryRun ?? false,
    verification: input.onlyProve === true ? 'full' : (input.verification ?? config.verification),
    ...(input.emergency === true ? { emergency: true } : {}),
    ...(input.force === true ? { force: true } : {}),
    ...(input.onlyProve === true ? { onlyProve: true } : {}),
    configuration: configurationVersion(config),
    ...defined({
      backAt: backAt === undefined ? undefined : new Date(backAt).toISOString(),
      reason: input.reason,
    }),
    requester,
    // If the requester is proved, the name in the input is of no use.
    ...(input.requestedBy === undefined || requester !== 'unknown' ? {} : { requestedBy: input.requestedBy }),
  };
}

/**
 * Ends a run beside another run here, before it can take that run's work for faults of the system. A dry run may be made at any time, for
 * example when a shutdown is announced for next week: it reports what a run would meet now.
 */
async function otherRun(run: RunContext): Promise<string[]> {
  try {
    await requireFreeLock(run.system, run.executionArn);
    return [];
  } catch (error) {
    const inProgress = error instanceof LightsOutError && error.name === ErrorName.RunInProgress;
    if (!run.dryRun || !inProgress) throw error;
    return [`a run would be refused now: ${error.message}`];
  }
}

/** A run that is held does not begin. A dry run says so. */
async function heldBy(run: RunContext): Promise<string[]> {
  try {
    await requireNoHold(run, run.at);
    return [];
  } catch (error) {
    const isHeld = error instanceof LightsOutError && error.name === ErrorName.Held;
    if (!run.dryRun || !isHeld) throw error;
    return [`a run would not begin: ${error.message}`];
  }
}

function unproved(run: RunContext): string[] {
  return run.verification === 'none'
    ? ['verification is "none": the backup will not be restored and compared before the database is stopped']
    : [];
}

function shortNotice(run: RunContext, config: SystemConfig): string[] {
  if (run.emergency === true)
    return ['it is an emergency: users are told at once, get no notice and are not waited for'];
  const lead = Math.max(...config.notices.leadMinutes);
  const given = Math.floor((Date.parse(run.at) - Date.parse(run.startedAt)) / 60_000);
  return given >= lead
    ? []
    : [`users get ${Math.max(0, given)} minutes of notice in place of ${lead} (notices.leadMinutes)`];
}

function updatesRequired(config: SystemConfig, updates: Plan['pendingUpdates']): Reason[] {
  if (config.updates !== 'require') return [];
  return updates.map((update) => ({
    resource: update.resource,
    problem: `a system update is pending (${update.kind}: ${update.description}) and updates is "require"`,
    remedy: 'install it first, or set updates to "install" or "report" in systems.ts',
  }));
}
