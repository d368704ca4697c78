import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../sandbox/aws/events/pattern.ts';
import type { EventPattern } from '../../sandbox/deployment.ts';
import { largestSystem, SHAPES, type Shape } from '../shapes.ts';
import { resolvedStack } from '../support/iam/policies.ts';
import { resourcesOf } from '../support/judges/stacks.ts';

interface ServiceEvent {
  source: string;
  'detail-type': string;
  [field: string]: unknown;
}

const [example] = SHAPES;
if (example === undefined) throw new Error('test/shapes.ts holds no shape');
const { system, environment } = example;
const [server] = system.servers;
const { identifier } = system.database;
const common = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  account: environment.account,
  region: environment.region,
};
const arn = (service: string, rest: string): string =>
  `arn:aws:${service}:${environment.region}:${environment.account}:${rest}`;

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloudwatch-events.sample.html, "DB instance event" */
const ofRds = (SourceIdentifier: string, EventID: string, what: 'db' | 'cluster' = 'db'): ServiceEvent => ({
  ...common,
  'detail-type': what === 'db' ? 'RDS DB Instance Event' : 'RDS DB Cluster Event',
  source: 'aws.rds',
  time: '2026-09-27T22:36:43Z',
  resources: [arn('rds', `${what}:${SourceIdentifier.replace(/^rds:/, '')}`)],
  detail: {
    EventCategories: ['notification'],
    SourceType: what === 'db' ? 'DB_INSTANCE' : 'CLUSTER',
    SourceArn: arn('rds', `${what}:${SourceIdentifier.replace(/^rds:/, '')}`),
    Date: '2026-09-27T22:36:43.292Z',
    Message: 'DB instance started',
    SourceIdentifier,
    EventID,
  },
});

/** The same page, "DB snapshot event": another type of event about something of ours. */
const ofSnapshot: ServiceEvent = {
  ...ofRds(`rds:${identifier}`, 'RDS-EVENT-0041'),
  'detail-type': 'RDS DB Snapshot Event',
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
const ofEc2 = (id: string, state: string): ServiceEvent => ({
  ...common,
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  time: '2026-11-11T21:29:54Z',
  resources: [arn('ec2', `instance/${id}`)],
  detail: { 'instance-id': id, state },
});

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html, "Execution failed" */
const ofStates = (machine: string, status: string): ServiceEvent => ({
  ...common,
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  time: '2026-02-26T19:42:21Z',
  resources: [arn('states', `execution:${machine}:execution-name`)],
  detail: {
    executionArn: arn('states', `execution:${machine}:execution-name`),
    stateMachineArn: arn('states', `stateMachine:${machine}`),
    name: 'execution-name',
    status,
    startDate: 1551225146847,
    stopDate: 1551225151881,
    input: '{}',
    output: null,
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html, "StartInstances", within
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
const ofCloudTrail = (
  service: 'ec2' | 'rds',
  eventName: string,
  requestParameters: object,
): ServiceEvent => ({
  ...common,
  'detail-type': 'AWS API Call via CloudTrail',
  source: `aws.${service}`,
  time: '2026-07-19T21:17:28Z',
  resources: [],
  detail: {
    eventVersion: '1.08',
    userIdentity: {
      type: 'IAMUser',
      arn: 'arn:aws:iam::123456789012:user/Mateo',
      accountId: environment.account,
    },
    eventTime: '2026-07-19T21:17:28Z',
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: environment.region,
    requestParameters,
    eventType: 'AwsApiCall',
    managementEvent: true,
  },
});
const startInstances = (...ids: string[]): ServiceEvent =>
  ofCloudTrail('ec2', 'StartInstances', {
    instancesSet: { items: ids.map((instanceId) => ({ instanceId })) },
  });

const rulesOf = (shape: Shape) => resourcesOf(resolvedStack(shape), 'AWS::Events::Rule');
const rules = rulesOf(example);

/** Rules that an event matches, without the hash at the end of their ids. */
function rulesFor(rules: [string, Record<string, unknown>][], event: ServiceEvent): string[] {
  return rules.flatMap(([id, { EventPattern: pattern }]) =>
    matchesPattern(pattern as EventPattern, event) ? [id.replace(/^Watching|.{8}$/g, '')] : [],
  );
}

const own = server?.instanceId ?? '';
const SHUTDOWN = `LightsOut-${system.name}-Shutdown`;

describe('rules of the example hear', () => {
  it.each<[string, ServiceEvent, string]>([
    ['that RDS starts the database after seven days', ofRds(identifier, 'RDS-EVENT-0154'), 'DatabaseStarted'],
    ['that the database was started', ofRds(identifier, 'RDS-EVENT-0088'), 'DatabaseStarted'],
    [
      'the same with the prefix of AWS’s example',
      ofRds(`rds:${identifier}`, 'RDS-EVENT-0088'),
      'DatabaseStarted',
    ],
    [
      'that RDS starts a cluster after seven days',
      ofRds(identifier, 'RDS-EVENT-0153', 'cluster'),
      'DatabaseStarted',
    ],
    ['that a cluster was started', ofRds(identifier, 'RDS-EVENT-0151', 'cluster'), 'DatabaseStarted'],
    ['that a server runs', ofEc2(own, 'running'), 'ServerStarted'],
    ['who started a server', startInstances(own), 'ServerStartedBySomebody'],
    ['who started it among others', startInstances('i-0ffffffffffffffff', own), 'ServerStartedBySomebody'],
    [
      'who started the database',
      ofCloudTrail('rds', 'StartDBInstance', { dBInstanceIdentifier: identifier }),
      'StartedBySomebody',
    ],
    [
      'the same in another case',
      ofCloudTrail('rds', 'StartDBInstance', { dBInstanceIdentifier: identifier.toUpperCase() }),
      'StartedBySomebody',
    ],
    [
      'who started a cluster',
      ofCloudTrail('rds', 'StartDBCluster', { dBClusterIdentifier: identifier }),
      'StartedBySomebody',
    ],
    ['that a run failed', ofStates(SHUTDOWN, 'FAILED'), 'RunEnded'],
    ['that a run was aborted', ofStates(SHUTDOWN, 'ABORTED'), 'RunEnded'],
    ['that a run timed out', ofStates(SHUTDOWN, 'TIMED_OUT'), 'RunEnded'],
  ])('%s', (_what, event, rule) => {
    expect(rulesFor(rules, event)).toEqual([rule]);
  });
});

describe('rules of the example do not hear', () => {
  it.each<[string, ServiceEvent]>([
    ['of another database', ofRds('erp-db', 'RDS-EVENT-0088')],
    ['of one whose name begins with ours', ofRds(`${identifier}-2`, 'RDS-EVENT-0088')],
    ['of a test instance of a run', ofRds(`lights-out-${system.name}-20260927-abc`, 'RDS-EVENT-0088')],
    ['that the database was stopped', ofRds(identifier, 'RDS-EVENT-0087')],
    ['of a snapshot', ofSnapshot],
    ['of another server', ofEc2('i-0ffffffffffffffff', 'running')],
    ['that a server is stopped', ofEc2(own, 'stopped')],
    ['that another server is started', startInstances('i-0ffffffffffffffff')],
    [
      'that somebody stops a server',
      {
        ...startInstances(own),
        detail: { ...(startInstances(own)['detail'] as object), eventName: 'StopInstances' },
      },
    ],
    [
      'that another database is started',
      ofCloudTrail('rds', 'StartDBInstance', { dBInstanceIdentifier: 'erp-db' }),
    ],
    ['of the run of another system', ofStates('LightsOut-erp-Shutdown', 'FAILED')],
    ['of another machine of ours', ofStates(`LightsOut-${system.name}-CleanUp`, 'FAILED')],
    [
      'of another account’s machine',
      JSON.parse(
        JSON.stringify(ofStates(SHUTDOWN, 'FAILED')).replaceAll(environment.account, '210987654321'),
      ) as ServiceEvent,
    ],
    ['that a run succeeded', ofStates(SHUTDOWN, 'SUCCEEDED')],
    ['that a run began', ofStates(SHUTDOWN, 'RUNNING')],
    ['what another source says', { ...ofEc2(own, 'running'), source: 'my.ec2' }],
  ])('%s', (_what, event) => {
    expect(rulesFor(rules, event)).toEqual([]);
  });
});

describe('rules of 500 servers', () => {
  it('hear of each of them by one rule', () => {
    const { servers } = largestSystem();
    const all = rulesOf({ name: 'the largest', system: largestSystem(), environment });
    for (const { instanceId } of servers)
      expect(rulesFor(all, ofEc2(instanceId, 'running'))).toEqual([
        expect.stringMatching(/^ServerStarted\d?$/),
      ]);
  });
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and …/eb-event-patterns-content-based-filtering.html */
describe('the matcher of the sandbox, by the examples of AWS’s pages', () => {
  it.each<[string, EventPattern, object, boolean]>([
    ['a value of a list', { state: ['running', 'stopped'] }, { state: 'stopped' }, true],
    ['a list in the event', { tags: ['a'] }, { tags: ['b', 'a'] }, true],
    ['a field that is not there', { detail: { state: ['running'] } }, { detail: {} }, false],
    ['null', { reason: [null] }, { reason: null }, true],
    ['an empty text is not null', { reason: [null] }, { reason: '' }, false],
    ['a number is no text', { count: [3] }, { count: '3' }, false],
    ['a prefix', { time: [{ prefix: '2026-' }] }, { time: '2026-10-02' }, true],
    ['a suffix', { file: [{ suffix: '.png' }] }, { file: 'a.PNG' }, false],
    ['anything but', { state: [{ 'anything-but': ['initializing'] }] }, { state: 'running' }, true],
    ['anything but, of a field that is not there', { state: [{ 'anything-but': 'x' }] }, {}, false],
    ['a field that must not be there', { state: [{ exists: false }] }, {}, true],
    ['any case', { name: [{ 'equals-ignore-case': 'alice' }] }, { name: 'ALICE' }, true],
    ['one of two', { $or: [{ a: [1] }, { b: [2] }] }, { a: 9, b: 2 }, true],
    ['none of two', { $or: [{ a: [1] }, { b: [2] }] }, { a: 9, b: 9 }, false],
  ])('%s', (_what, pattern, event, expected) => {
    expect(matchesPattern(pattern, event)).toBe(expected);
  });
});
