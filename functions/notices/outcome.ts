import { byHand } from '../aws/rds/manual-commands.ts';
import type { AlreadyOff } from '../contract/already-off.ts';
import type { SystemConfig } from '../contract/config.ts';
import { defined } from '../contract/defined.ts';
import { ErrorName, isShutOut, messageOf } from '../contract/errors.ts';
import type { Failure, Outcome, RunContext } from '../contract/state.ts';
import type { Audience } from '../contract/webhook-config.ts';
import { log } from '../runtime/log.ts';
import type { NoticeFacts, NoticeKind } from './notice.ts';
import { askedBy } from './requester.ts';
import { sendNotice } from './send.ts';
import type { Words } from './words.ts';

export interface OutcomeFacts {
  run: RunContext;
  config: SystemConfig;
  outcome: Outcome;
  failure?: Failure;
  /** How the execution ended, if it did not close its run and that is not the failure itself. */
  interrupted?: string;
  snapshot?: string;
  /** Proof that the system was off before the run. */
  alreadyOff?: AlreadyOff;
  tables?: number;
  rows?: number;
  resources: { name: string; state: string }[];
  actualSeconds?: number;
  expectedSeconds?: number;
  report?: string;
  /** Users were told of the shutdown. */
  announced: boolean;
  /** Something had been stopped, so "nothing was stopped" would not be true. */
  touched: boolean;
  /** In each language: the findings of the last look, the differences of copy and source, the next step. */
  told?: Pick<NoticeFacts, 'lastLook' | 'live' | 'differences' | 'nextStep'>;
  /** Further failures, e.g. of the roll back's parts, a sentence each. */
  problems?: Words[];
}

/**
 * Tells operators how a run ended. If users were told of a shutdown that does not take place, tells them so. Never throws: a mail that
 * cannot be sent is logged and not counted, and the run's own outcome stands.
 */
export async function sendOutcomeNotices(facts: OutcomeFacts): Promise<{ sent: number }> {
  const { config, outcome } = facts;
  let sent = 0;
  for (const { kind, audience } of noticesFor(facts)) {
    try {
      sent += (await sendNotice(config, { kind, audience, occurrence: outcome, facts: noticeFacts(facts) }))
        .sent;
    } catch (error) {
      log('error', 'notice: nobody could be told', { kind, audience, reason: messageOf(error) });
    }
  }
  return { sent };
}

function noticesFor({
  outcome,
  announced,
  touched,
  run,
}: OutcomeFacts): { kind: NoticeKind; audience: Audience }[] {
  if (run.onlyProve === true && outcome !== 'planned')
    return [{ kind: outcome === 'proved' ? 'proved' : 'not-proved', audience: 'operators' }];
  switch (outcome) {
    case 'planned':
      return [];
    case 'already-off':
      return [{ kind: 'already-off', audience: 'operators' }];
    case 'succeeded':
      return [{ kind: 'shut-down', audience: 'operators' }];
    case 'rolled-back':
      return [
        { kind: 'rolled-back', audience: 'operators' },
        { kind: 'called-off', audience: 'users' },
      ];
    case 'partly-off':
      return [{ kind: 'partly-off', audience: 'operators' }];
    default: {
      const kind: NoticeKind = touched ? 'partly-off' : 'not-begun';
      return [
        { kind, audience: 'operators' as const },
        ...(announced && !touched ? [{ kind: 'called-off' as const, audience: 'users' as const }] : []),
      ];
    }
  }
}

function noticeFacts(facts: OutcomeFacts): NoticeFacts {
  const { run, config, outcome, failure } = facts;
  const error =
    outcome === 'partly-off' ? { Error: ErrorName.PartlyOff, Cause: failure?.Cause ?? '' } : failure;
  return {
    runId: run.id,
    system: config.name,
    displayName: config.displayName,
    timeZone: config.timeZone,
    at: run.at,
    resources: facts.resources,
    ...facts.told,
    ...(run.verification === 'none' ? { unverified: true } : {}),
    ...defined({ reason: run.reason }),
    ...askedBy(run),
    ...defined({ interrupted: facts.interrupted, problems: facts.problems }),
    ...(outcome === 'rolled-back' ? { availableAgain: true } : {}),
    ...(error === undefined ? {} : { error: error.Error, cause: causeText(error.Cause) }),
    ...defined({
      snapshot: facts.snapshot,
      alreadyOff: facts.alreadyOff,
      tables: facts.tables,
      rows: facts.rows,
      actualSeconds: facts.actualSeconds,
      expectedSeconds: facts.expectedSeconds,
      report: facts.report,
    }),
    ...(isFinishable(facts) ? { finish: `lights-out finish --system ${config.name}` } : {}),
    ...(outcome === 'partly-off' ? { byHand: commandsByHand(config, facts.resources) } : {}),
  };
}

/** Whether one command finishes what is left: off past the point of no return, else on. A run that lost its lock left the system to others. */
function isFinishable({ outcome, touched, failure, run }: OutcomeFacts): boolean {
  if (run.onlyProve === true) return false;
  return outcome === 'partly-off' || (outcome === 'failed' && touched && !isShutOut(failure?.Error));
}

/** The commands for the rest past the point of no return. The backup is proved, so stopping by hand is safe. */
function commandsByHand(config: SystemConfig, resources: OutcomeFacts['resources']): string[] {
  const on = (name: string): boolean =>
    resources.find((resource) => resource.name === name)?.state !== 'stopped';
  const database = config.database.identifier;
  const servers = config.servers
    .filter((server) => on(`server ${server.name}`))
    .map((server) => server.instanceId);
  return [
    ...(on(`database ${database}`) ? [byHand(config).stop(database)] : []),
    ...(servers.length > 0 ? [`aws ec2 stop-instances --force --instance-ids ${servers.join(' ')}`] : []),
  ];
}

/** A Lambda's Cause is JSON with `errorMessage`; a Fail state's or a time-out's is text. */
export function causeText(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed)
      return String(parsed.errorMessage);
    return cause;
  } catch (error) {
    if (error instanceof SyntaxError) return cause;
    throw error;
  }
}
