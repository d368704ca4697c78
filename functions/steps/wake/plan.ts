import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { USABLE } from '../../aws/rds/status.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Reason } from '../../contract/plan-state.ts';
import { StartupInput } from '../../contract/startup-input.ts';
import type { AlreadyOn, StartupPlan, StartupState } from '../../contract/startup-state.ts';
import type { ExecutionReference, RunContext } from '../../contract/state.ts';
import { readIntent, startupBegins } from '../../guard/intent.ts';
import { requireFreeLock, takeLock } from '../../guard/lock.ts';
import { requesterOf } from '../../guard/requests.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';
import { configurationVersion, readConfiguration } from '../../runtime/configuration.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { runIdOf } from '../../runtime/run.ts';
import { parseRunInput } from '../../runtime/run-input.ts';
import { acceptanceOf } from './acceptance.ts';
import { confirmPlanOf } from './confirm-plan.ts';
import { type PutAway, readPutAway } from './put-away.ts';

/**
 * Finds out what is to come up, from the record of the shutdown that put the system away. Then takes the lock and marks the system as
 * meant to be on, so that nothing stops what is started from here on. A system that is open already is left alone.
 *
 * A repeat finds its own lock. A dry run takes no lock and changes no mark.
 *
 * @throws LightsOutError `InvalidInput`, `InvalidConfiguration`, `PlanRejected`, `RunInProgress`.
 */
export async function planStartup(
  execution: ExecutionReference,
  rawInput: unknown,
): Promise<StartupInput & Pick<StartupState, 'run' | 'config' | 'wake' | 'alreadyOn'>> {
  const input = parseRunInput(StartupInput, rawInput, 'brings back');
  const config = await readConfiguration();
  const run = await contextOf(execution, input, rawInput, config);
  if (!run.dryRun) await requireFreeLock(config.name, execution.id);
  const intent = (await readIntent(config.name))?.value;
  const putAway = await readPutAway(config.name, intent);
  const accept = acceptanceOf(input, run, config, putAway);
  const [database, states] = await Promise.all([
    databaseKindOf(config).status(config.database.identifier),
    serverStates(config),
  ]);
  const servers = config.servers.map(({ name, instanceId }) => ({
    name,
    instanceId,
    state: states.get(name) ?? 'terminated',
    comesUp: !putAway.serversOff.has(name),
    ...defined({ publicAddress: putAway.addresses.get(name) }),
  }));
  const backAt = promiseOf(input, putAway, run);
  const wake: StartupPlan = {
    ...defined({ shutdown: putAway.shutdown }),
    database: database ?? 'not there',
    servers,
    services: config.services
      .filter((service) => putAway.belongsUp(service))
      .map(({ name, server }) => ({ name, server })),
    confirm: confirmPlanOf({ config, putAway, servers, confirmed: intent?.confirmed, accept }),
    ...defined({ backAt: backAt === undefined ? undefined : new Date(backAt).toISOString() }),
    warnings: warningsOf(servers, putAway),
    reasons: reasonsNot(config, database),
  };
  const alreadyOn = whetherOn(intent, database, servers);
  const answer = {
    ...input,
    run: { ...run, ...promiseTimes(wake.backAt) },
    config,
    wake,
    ...defined({ alreadyOn }),
  };
  await writeEvidence(EvidenceKey.plan(config.name, run.id), {
    run: answer.run,
    wake,
    ...defined({ alreadyOn }),
    accepted: wake.reasons.length === 0,
  });
  if (alreadyOn !== undefined) return answer;
  if (wake.reasons.length > 0) throw rejected(wake.reasons);
  if (run.dryRun) return answer;
  await takeLock(config.name, {
    runId: run.id,
    executionArn: execution.id,
    since: run.startedAt,
    requestedBy: requesterInWords(askedBy(run), 'en'),
  });
  await startupBegins(run);
  return answer;
}

async function contextOf(
  execution: ExecutionReference,
  input: StartupInput,
  rawInput: unknown,
  config: SystemConfig,
): Promise<RunContext> {
  const requester = await requesterOf(execution, rawInput);
  const startedAt = new Date(Date.parse(execution.startTime)).toISOString();
  return {
    id: runIdOf(execution),
    system: config.name,
    action: 'startup',
    executionArn: execution.id,
    startedAt,
    at: startedAt,
    dryRun: input.dryRun ?? false,
    verification: config.verification,
    configuration: configurationVersion(config),
    ...defined({ reason: input.reason }),
    requester,
    // If the requester is proved, the name in the input is of no use.
    ...(input.requestedBy === undefined || requester !== 'unknown' ? {} : { requestedBy: input.requestedBy }),
  };
}

/**
 * The time at which users expect the system back: the input's, else the shutdown's promise. One of the shutdown's that has passed keeps
 * nobody out, but it is still what users were told.
 *
 * @throws LightsOutError `InvalidInput` for a time in the input that has passed: nobody was told it.
 */
function promiseOf(input: StartupInput, putAway: PutAway, { startedAt }: RunContext): string | undefined {
  if (input.backAt === undefined) return putAway.backAt;
  if (Date.parse(input.backAt) > Date.parse(startedAt)) return input.backAt;
  throw new LightsOutError(
    ErrorName.InvalidInput,
    `input.backAt: ${input.backAt} has passed (it is ${startedAt}); expected a time to come, or none to open when everything is healthy`,
  );
}

/** Users hear this long before the promised time that it will not hold, in milliseconds. */
const LATE_NOTICE_MILLISECONDS = 10 * 60_000;

/** The last looks and the opening begin at the promised time: only after so long are they late, in milliseconds. */
const OPENING_MILLISECONDS = 5 * 60_000;

function promiseTimes(backAt: string | undefined): Pick<RunContext, 'backAt' | 'lateAt' | 'overdueAt'> {
  if (backAt === undefined) return {};
  const promised = Date.parse(backAt);
  return {
    backAt,
    lateAt: new Date(promised - LATE_NOTICE_MILLISECONDS).toISOString(),
    overdueAt: new Date(promised + OPENING_MILLISECONDS).toISOString(),
  };
}

/** What makes a start-up pointless: there is nothing that could be started. A server that is gone holds up no other. */
function reasonsNot(config: SystemConfig, database: string | undefined): Reason[] {
  const kind = databaseKindOf(config);
  const resource = `database ${config.database.identifier}`;
  if (database === undefined)
    return [
      {
        resource,
        problem: `RDS knows no ${kind.noun} of this name`,
        remedy: 'restore it from the shutdown’s snapshot under this name, or correct systems.ts',
      },
    ];
  if (!kind.terminal.has(database)) return [];
  return [
    {
      resource,
      problem: `it is "${database}", from which RDS does not start it`,
      remedy: 'see its events in the RDS console, mend the cause, and start the start-up again',
    },
  ];
}

function rejected(reasons: Reason[]): LightsOutError {
  const list = reasons.map(
    ({ resource, problem, remedy }, index) => `(${index + 1}) ${resource}: ${problem}; ${remedy}`,
  );
  return new LightsOutError(
    ErrorName.PlanRejected,
    `${reasons.length === 1 ? '1 reason' : `${reasons.length} reasons`} not to begin, nothing was touched: ${list.join('. ')}`,
  );
}

function warningsOf(servers: StartupPlan['servers'], putAway: PutAway): string[] {
  return [
    ...servers.flatMap(({ name, comesUp }) =>
      comesUp ? [] : [`server ${name} was off before the shutdown and stays off`],
    ),
    ...(putAway.shutdown === undefined
      ? ['no run of Lights Out has put this system away, so everything in systems.ts comes up']
      : []),
  ];
}

/**
 * The system is open already when it runs and either no shutdown put it away, or a start-up has let users in since. A system that somebody
 * started by hand still has users on its maintenance page, so it is not.
 */
function whetherOn(
  intent: { wanted: 'on' | 'off'; openedAt?: string } | undefined,
  database: string | undefined,
  servers: StartupPlan['servers'],
): AlreadyOn | undefined {
  const isOpen = intent === undefined || (intent.wanted === 'on' && intent.openedAt !== undefined);
  const runs = servers.every(({ state, comesUp }) => state === 'running' || !comesUp);
  if (!isOpen || database === undefined || !USABLE.has(database) || !runs) return undefined;
  return { ...defined({ since: intent?.openedAt }), seenAt: new Date(Date.now()).toISOString() };
}
