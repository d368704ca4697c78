import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../functions/contract/state.ts';
import { attentionInWords, attentionOf } from '../../../functions/report/attention.ts';
import type { ReachedState } from '../../../functions/report/outcome.ts';
import type { ResourceState } from '../../../functions/report/resources.ts';
import { system, systemInput } from '../fixtures.ts';
import { partlyOff, rolledBack, succeeded } from './runs.ts';

const touched = rolledBack().state;
const database = (state: string): ResourceState => ({ kind: 'database', name: 'database crm-db', state });
const server = (state: string): ResourceState => ({ kind: 'server', name: 'server web-1', state });
const service = (state: string, name = 'crm-api'): ResourceState => ({
  kind: 'service',
  name: `service ${name} on app-1`,
  state,
  lastSeen: true,
});
const maintenance = (state: string): ResourceState => ({
  kind: 'maintenance',
  name: 'maintenance mode',
  state,
});
const test = (state: string): ResourceState => ({
  kind: 'test instance',
  name: 'test instance lights-out-crm-x',
  state,
});

const of = (outcome: Outcome, state: ReachedState, ...resources: ResourceState[]) =>
  attentionOf({ config: system(), outcome, state, resources }).map(({ kind, command }) =>
    command === undefined ? kind : `${kind}: ${command}`,
  );

const STOP_DB = 'aws rds stop-db-instance --db-instance-identifier crm-db';
const START_DB = 'aws rds start-db-instance --db-instance-identifier crm-db';
const DELETE_TEST =
  'aws rds delete-db-instance --skip-final-snapshot --delete-automated-backups --db-instance-identifier lights-out-crm-x';
const servicesFailed: ReachedState = {
  ...touched,
  rollback: { ...touched.rollback, services: { Error: 'AgentOffline', Cause: '' } },
};
const lost = { Error: 'LockLost', Cause: '' };
const lockLost = (part: Pick<ReachedState, 'off' | 'rollback'>): ReachedState => ({
  ...succeeded().state,
  ...part,
});
const pastNoReturn: ReachedState = { ...succeeded().state, failure: { Error: 'States.Timeout', Cause: '' } };
delete pastNoReturn.off;

describe('what needs a person', () => {
  it.each<[string, Outcome, ReachedState, ResourceState[], string[]]>([
    [
      'all off',
      'succeeded',
      succeeded().state,
      [database('stopped'), server('stopped'), service('inactive'), maintenance('on'), test('not there')],
      [],
    ],
    ['a failed service is off', 'succeeded', succeeded().state, [service('failed')], []],
    [
      'the database came on again',
      'succeeded',
      succeeded().state,
      [database('available')],
      [`still-on: ${STOP_DB}`],
    ],
    ['the database is on its way', 'succeeded', succeeded().state, [database('starting')], ['still-on']],
    [
      'a server came on again',
      'succeeded',
      succeeded().state,
      [server('running')],
      ['still-on: aws ec2 stop-instances --instance-ids i-0a1b2c3d4e5f60718'],
    ],
    [
      'a server will not stop',
      'partly-off',
      partlyOff().state,
      [server('running')],
      ['still-on: aws ec2 stop-instances --force --instance-ids i-0a1b2c3d4e5f60718'],
    ],
    [
      'a server that systems.ts does not know',
      'partly-off',
      partlyOff().state,
      [{ ...server('running'), name: 'server other' }],
      ['still-on'],
    ],
    ['off by now', 'partly-off', partlyOff().state, [server('stopped')], []],
    [
      'could not be looked at',
      'succeeded',
      succeeded().state,
      [database('could not be looked at (AccessDenied)')],
      ['not-seen'],
    ],
    ['unknown to EC2’s answer', 'succeeded', succeeded().state, [server('unknown')], ['not-seen']],
    [
      'all on again',
      'rolled-back',
      touched,
      [database('available'), server('running'), service('active'), maintenance('off'), test('not there')],
      [],
    ],
    ['on while RDS is at its storage', 'rolled-back', touched, [database('storage-optimization')], []],
    ['the database is stopped', 'rolled-back', touched, [database('stopped')], [`still-off: ${START_DB}`]],
    ['a service did not come back', 'rolled-back', touched, [service('failed')], ['still-off']],
    ['a service that was not running before', 'rolled-back', touched, [service('inactive', 'reports')], []],
    ['services of a roll back that failed', 'failed', servicesFailed, [service('inactive')], ['still-off']],
    [
      'a run that lost its lock before it switched off: nothing of the system, only its own copy',
      'failed',
      lockLost({ off: { database: lost, servers: lost } }),
      [database('available'), server('running'), service('active'), test('available')],
      [`test-instance: ${DELETE_TEST}`],
    ],
    [
      'a run that lost its lock before it rolled back: another run’s stopped services and flag are its own',
      'failed',
      lockLost({ rollback: { ...touched.rollback, services: lost, maintenance: lost } }),
      [database('available'), service('inactive'), maintenance('on')],
      [],
    ],
    ['maintenance mode left on', 'failed', servicesFailed, [maintenance('on')], ['maintenance']],
    [
      'a test instance left',
      'failed',
      servicesFailed,
      [test('available')],
      [`test-instance: ${DELETE_TEST}`],
    ],
    [
      'a test instance that could not be looked at',
      'failed',
      servicesFailed,
      [test('could not be looked at (x)')],
      ['not-seen'],
    ],
    [
      'past the point of no return as a whole',
      'failed',
      pastNoReturn,
      [database('available')],
      [`still-on: ${STOP_DB}`],
    ],
    [
      'nothing touched: a stopped server is not its business',
      'failed',
      {},
      [database('available'), server('stopped'), test('not there')],
      [],
    ],
    ['nothing touched and nothing seen', 'failed', {}, [test('could not be looked at (x)')], []],
    ['another run’s work', 'refused', {}, [database('stopped'), server('stopped')], []],
    ['dry run', 'planned', {}, [database('available')], []],
  ])('%s', (_case, outcome, state, resources, expected) => {
    expect(of(outcome, state, ...resources)).toEqual(expected);
  });

  it('has words for each kind', () => {
    const found = attentionOf({
      config: system(),
      outcome: 'failed',
      state: servicesFailed,
      resources: [
        database('could not be looked at (x)'),
        server('stopped'),
        maintenance('on'),
        test('available'),
      ],
    });
    expect(attentionInWords(found).map((words) => (typeof words === 'string' ? words : words.en))).toEqual([
      'database crm-db could not be looked at (x): please look.',
      'server web-1 is "stopped", expected it to be on.',
      'Maintenance mode is still on: remove the flag file, or users stay locked out.',
      'test instance lights-out-crm-x is left ("available") and costs money: delete it.',
    ]);
  });
});

describe('what a person does about a cluster', () => {
  const config = system({ database: { ...systemInput().database, kind: 'cluster' } });
  const commands = (outcome: Outcome, state: ReachedState, resource: ResourceState) =>
    attentionOf({ config, outcome, state, resources: [resource] }).map(({ command }) => command);

  it('is done with the commands of clusters, the instance of a copy before the copy', () => {
    expect(commands('succeeded', succeeded().state, database('available'))).toEqual([
      'aws rds stop-db-cluster --db-cluster-identifier crm-db',
    ]);
    expect(commands('rolled-back', touched, database('stopped'))).toEqual([
      'aws rds start-db-cluster --db-cluster-identifier crm-db',
    ]);
    expect(commands('rolled-back', touched, test('available'))).toEqual([
      'aws rds delete-db-instance --skip-final-snapshot --delete-automated-backups --db-instance-identifier lights-out-crm-x-writer && aws rds delete-db-cluster --skip-final-snapshot --db-cluster-identifier lights-out-crm-x',
    ]);
  });
});
