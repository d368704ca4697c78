import type { AnyOutcome } from '../rehearsal/run-record.ts';
import type { Recording, SweepCase } from './case.ts';
import { pairs, singleFaults } from './cases.ts';
import { connectionFaults } from './connection-cases.ts';
import { aborts } from './world-cases.ts';

/** Where a start-up has come to something else, before which the world may change under it. */
const MOMENTS = [
  'Start database',
  'Confirm the data',
  'Start servers',
  'Start services',
  'Check health',
  'Open',
  'Close the start-up',
];

/** Longer than the steps wait for what they name, in minutes. */
const PAST_THE_DATABASE = 7 * 60;
const PAST_THE_SERVERS = 90;

/** Faults of the world that strike when something starts, in their variants, and how the start-up has to end where it can only end so. */
const OF_A_START: { name: string; fault: object; outcome?: AnyOutcome }[] = [
  { name: 'no-capacity', fault: {}, outcome: 'partly-on' },
  { name: 'no-capacity once', fault: { times: 1 }, outcome: 'succeeded' },
  { name: 'no-capacity for 20 minutes', fault: { minutes: 20 }, outcome: 'succeeded' },
  { name: 'no-capacity for the last server', fault: { server: 'worker-1' }, outcome: 'partly-on' },
  { name: 'status-checks-slow', fault: {}, outcome: 'succeeded' },
  { name: 'status-checks-slow too long', fault: { minutes: PAST_THE_SERVERS }, outcome: 'partly-on' },
  { name: 'status-check-fails', fault: {}, outcome: 'partly-on' },
  { name: 'status-check-fails system', fault: { check: 'system' }, outcome: 'partly-on' },
  { name: 'agent-late', fault: {}, outcome: 'succeeded' },
  { name: 'agent-late too long', fault: { minutes: PAST_THE_SERVERS }, outcome: 'partly-on' },
  { name: 'start-stays-stopped', fault: {}, outcome: 'partly-on' },
  { name: 'start-stays-stopped once', fault: { times: 1 }, outcome: 'succeeded' },
  { name: 'service-flaps', fault: {}, outcome: 'succeeded' },
  { name: 'service-will-not-start', fault: {}, outcome: 'partly-on' },
  { name: 'service-will-not-start last', fault: { service: 'crm-mail-intake' }, outcome: 'partly-on' },
  { name: 'service-not-enabled', fault: {}, outcome: 'succeeded' },
  { name: 'intake-writes-at-start', fault: {}, outcome: 'succeeded' },
  { name: 'flag-lost', fault: {} },
  { name: 'database-starts-slowly', fault: {}, outcome: 'succeeded' },
  { name: 'database-starts-slowly too long', fault: { minutes: PAST_THE_DATABASE }, outcome: 'partly-on' },
  { name: 'changed-while-off', fault: {}, outcome: 'partly-on' },
  { name: 'database-starts-by-itself', fault: { hours: 0.5 }, outcome: 'succeeded' },
  { name: 'health-never-green', fault: {}, outcome: 'partly-on' },
  { name: 'health-never-green worker', fault: { check: 'worker' }, outcome: 'partly-on' },
  { name: 'health-flaps', fault: {} },
  { name: 'health-flaps twice', fault: { times: 2 }, outcome: 'succeeded' },
  { name: 'health-sees-maintenance-page', fault: {}, outcome: 'partly-on' },
  { name: 'health-sees-maintenance-page 200', fault: { status: 200 }, outcome: 'partly-on' },
  { name: 'health-hangs', fault: {}, outcome: 'partly-on' },
  { name: 'health-hangs once', fault: { times: 1 }, outcome: 'succeeded' },
];

/** What cannot be mended: a server that is gone stays gone. */
const NO_WAY_ON: AnyOutcome = 'partly-on';

/** Everything that may go wrong in the recorded start-up, one thing at a time. */
export function startupCases(recording: Recording): SweepCase[] {
  return [
    ...singleFaults(recording),
    ...connectionFaults(recording),
    ...worldOfAStart(recording),
    ...aborts(recording),
  ].map((each) => ({ startup: {}, ...each }));
}

/** `count` pairs of them, the same for the same seed. The world may change but once in each, and end as it likes. */
export function startupPairs(singles: SweepCase[], count: number, seed: number): SweepCase[] {
  const mendable = singles.filter(({ startup }) => startup?.again === undefined);
  return pairs(mendable, count, seed).map((each) => ({ ...each, startup: {} }));
}

function worldOfAStart({ states }: Pick<Recording, 'states'>): SweepCase[] {
  const moments = MOMENTS.filter((at) => states.includes(at));
  const at = (world: string, details: object = {}): SweepCase[] =>
    moments.map((moment) => ({
      id: `world ${[world, ...Object.values(details)].join(' ')} at ${moment}`,
      faults: [{ world, at: moment, ...details }],
    }));
  return [
    ...OF_A_START.map(({ name, fault, outcome }): SweepCase => {
      const [world] = name.split(' ');
      return {
        id: `world ${name}`,
        faults: [{ world, ...fault }],
        ...(outcome === undefined ? {} : { outcome }),
      };
    }),
    ...['ssm', 'ec2'].map((service) => ({
      id: `world rate-limit ${service}`,
      faults: [{ world: 'rate-limit', service, burst: 2, perSecond: 1 }],
      outcome: 'succeeded' as const,
    })),
    ...at('database-status', { status: 'storage-full' }),
    ...at('database-status', { status: 'inaccessible-encryption-credentials-recoverable' }),
    ...at('key-denied'),
    ...at('key-disabled'),
    ...at('second-run'),
    ...at('server-replaced').map((each) => ({ ...each, startup: { again: NO_WAY_ON } })),
  ];
}
