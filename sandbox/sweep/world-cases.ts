import type { Recording, SweepCase } from './case.ts';

/** Statuses of RDS that no instance leaves by itself. */
const TERMINAL = [
  'failed',
  'storage-full',
  'incompatible-restore',
  'inaccessible-encryption-credentials-recoverable',
];

/** States before which the world may change under a run, where the system has them. */
const MOMENTS = [
  'Await approval',
  'Announce',
  'Drain sessions',
  'Install updates',
  'Stop services',
  'Take snapshot',
  'Restore test instance',
  'Verify restore',
  'Delete test instance',
  'Confirm the services',
  'Confirm the source',
  'Stop database',
];

/** Faults of the world that need no more than their name. */
const SIMPLE = [
  'snapshot-fails',
  'volume-snapshot-fails',
  'restore-fails',
  'corrupt-restore',
  'stray-write',
  'agent-offline',
  'session-stays',
  'service-hangs',
  'started-by-someone-else',
  'server-will-not-stop',
  'server-replaced',
  'database-unreachable',
  'key-denied',
  'key-disabled',
  'service-unknown',
  'service-has-dependents',
  'flag-stands',
];

/** Others in the account send commands too: the run waits for its turn, and is slower. */
export const RATE_LIMIT: SweepCase = {
  id: 'world rate-limit',
  faults: [{ world: 'rate-limit', service: 'ssm', operation: 'SendCommand', burst: 2, perSecond: 1 }],
  outcome: 'succeeded',
};

/** States that stand between the backup and the last look at services and source, where the system has them. */
const AFTER_THE_BACKUP = [
  'Restore test instance',
  'Verify restore',
  'Delete test instance',
  'Confirm the services',
  'Confirm the source',
  'Confirm the lock',
];

/** Faults that need a state which only some systems have. */
const OF_A_STATE: Record<string, string[]> = {
  'Await approval': ['approval-denied', 'approval-unanswered', 'requester-approves', 'token-stolen'],
  'Install updates': ['update-fails'],
};

/** What can happen in the world itself. */
export function worldFaults({ states }: Pick<Recording, 'states'>): SweepCase[] {
  const moments = MOMENTS.filter((at) => states.includes(at));
  const ofStates = Object.entries(OF_A_STATE).flatMap(([at, faults]) => (states.includes(at) ? faults : []));
  return [
    ...[...SIMPLE, ...ofStates].map((world) => one(`world ${world}`, { world })),
    RATE_LIMIT,
    ...TERMINAL.map((status) => one(`world restore-fails ${status}`, { world: 'restore-fails', status })),
    ...moments.flatMap((at) =>
      TERMINAL.filter((status) => status !== 'incompatible-restore').map((status) =>
        one(`world database-status ${status} at ${at}`, { world: 'database-status', status, at }),
      ),
    ),
    ...['snapshots', 'instances'].flatMap((quota) => [
      one(`world quota-reached ${quota}`, { world: 'quota-reached', quota }),
      one(`world quota-reached ${quota} at Drain sessions`, {
        world: 'quota-reached',
        quota,
        at: 'Drain sessions',
      }),
    ]),
    ...AFTER_THE_BACKUP.filter((at) => states.includes(at)).flatMap((at) => [
      one(`world late-write at ${at}`, { world: 'late-write', at }),
      one(`world late-write undone at ${at}`, { world: 'late-write', at, undone: true }),
      one(`world service-comes-back at ${at}`, { world: 'service-comes-back', at }),
      one(`world service-comes-back writes at ${at}`, { world: 'service-comes-back', at, writes: true }),
    ]),
    ...moments.map((at) => one(`world server-replaced at ${at}`, { world: 'server-replaced', at })),
    ...moments.map((at) => one(`world key-denied at ${at}`, { world: 'key-denied', at })),
    ...moments.map((at) => one(`world second-run at ${at}`, { world: 'second-run', at })),
  ];
}

/** An operator stops the execution: at every state of the recorded run, and while the function of every state that calls one is at work. */
export function aborts({ states, tasks }: Pick<Recording, 'states' | 'tasks'>): SweepCase[] {
  return [
    ...states.map((at) => one(`world operator-aborts at ${at}`, { world: 'operator-aborts', at })),
    ...tasks.map((at) =>
      one(`world operator-aborts in the call of ${at}`, { world: 'operator-aborts', at, called: true }),
    ),
  ];
}

function one(id: string, fault: object): SweepCase {
  return { id, faults: [fault] };
}
