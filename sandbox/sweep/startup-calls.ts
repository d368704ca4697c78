import type { CallRecord } from '../aws/call-log.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';

/** What a start-up never does to database, servers and snapshots. */
const PUTS_AWAY = /^(Stop|Delete|Restore|Terminate|Reboot|Modify|Detach)/;

/** Actions of the SSM documents that take something away from the users. */
const SHUTS = new Set(['stop', 'on']);

/**
 * Looks at every call since the start-up was asked for: nothing is stopped, deleted, restored or shut, by whomever; the system is meant to be on
 * before the first start; what comes back is compared before the first server starts.
 *
 * @returns a sentence for each thing that does not hold.
 */
export function unlawfulCalls(
  { calls: { calls } }: Pick<Sandbox, 'calls'>,
  askedAt: number,
  system: string,
): string[] {
  const own = calls.filter(({ at, function: step }) => Date.parse(at) >= askedAt && step !== 'operator');
  const wrong = own
    .filter(
      (call) => (isOf(call, 'rds', 'ec2', 'states') && PUTS_AWAY.test(call.operation)) || isShutting(call),
    )
    .map(({ function: step, operation, resources }) => `${step} called ${operation} of ${resources.join()}`);
  const first = (isMeant: (call: CallRecord) => boolean): number => {
    const index = own.findIndex(isMeant);
    return index === -1 ? Number.POSITIVE_INFINITY : index;
  };
  const stored = (key: string): number =>
    first(({ operation, resources }) => operation === 'PutObject' && resources.join().includes(key));
  const started = first((call) => isOf(call, 'rds', 'ec2') && call.operation.startsWith('Start'));
  if (started < Number.POSITIVE_INFINITY && stored(`intent/${system}`) > started)
    wrong.push('intent: something was started before the system was meant to be on');
  const servers = first(({ operation }) => operation === 'StartInstances');
  if (servers < Number.POSITIVE_INFINITY && stored('/confirmation.json') > servers)
    wrong.push('7: a server was started before the data were confirmed');
  return wrong;
}

const isOf = ({ service }: CallRecord, ...services: string[]): boolean => services.includes(service);

function isShutting({ operation, parameters }: CallRecord): boolean {
  if (operation !== 'SendCommand') return false;
  const { Parameters } = parameters as { Parameters?: { Action?: string[] } };
  return (Parameters?.Action ?? []).some((action) => SHUTS.has(action));
}
