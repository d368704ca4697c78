import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { SystemConfig, SystemConfigInput } from '../../../functions/contract/config.ts';
import type { RunContext } from '../../../functions/contract/state.ts';
import type { ReachedState } from '../../../functions/report/outcome.ts';
import { execution, IDENTIFIER, plan, runContext, system } from '../fixtures.ts';
import { comparisonOf, copy, folder, manifest, source, TABLES, verified } from './evidence.ts';
import { Story } from './story.ts';

/** The shutdown's state machine as `cdk synth` makes it, without what the picture does not look at. */
export const definitionText = readFileSync(
  fileURLToPath(new URL('fixtures/definition.json', import.meta.url)),
  'utf8',
);

/** A whole run as Step Functions, RDS, EC2 and the evidence bucket know it. */
export interface RunFixture {
  config: SystemConfig;
  state: ReachedState;
  events: HistoryEvent[];
  /** When the report is written. */
  closedAt: string;
  /** As RDS says it; undefined: not there. */
  instances: Record<string, string | undefined>;
  servers: Record<string, string>;
  evidence: Record<string, unknown>;
}

const ZONE_OPTIONS: Partial<SystemConfigInput> = {
  notices: { ...system().notices, languages: ['en', 'zh-CN'] },
};
const progress = { done: true, waitSeconds: 0, since: '2026-11-27T14:00:00.000Z' };
const expected = {
  totalSeconds: 2292,
  steps: {
    Plan: 10,
    'Drain sessions': 300,
    'Stop services': 60,
    'Record manifest': 60,
    'Take snapshot': 480,
    'Restore test instance': 900,
    'Verify restore': 120,
    'Delete test instance': 300,
    'Stop database': 360,
    'Stop servers': 90,
    'Close the run': 10,
  },
};

const services = (state: 'active' | 'inactive') => ({
  ...progress,
  services: [
    { name: 'crm-api', server: 'app-1', state },
    { name: 'nginx', server: 'web-1', state },
  ],
  commands: [],
  tier: 3,
  tierSince: progress.since,
});

function planned(changes: Partial<RunContext> = {}): ReachedState {
  return {
    run: runContext({ reason: 'Weekend shutdown', requestedBy: 'schedule', ...changes }),
    config: system(ZONE_OPTIONS),
    plan: plan({
      expected,
      pendingUpdates: [
        {
          resource: 'database crm-db',
          kind: 'system-update',
          description: 'New Operating System update is available',
        },
      ],
      warnings: ['users get 20 minutes of notice in place of 30 (notices.leadMinutes)'],
    }),
    inspection: {
      reachable: true,
      serverVersion: '17.4',
      databases: [{ name: 'crm', bytes: 81_264_640, tables: 6 }],
      sessions: 12,
      reasons: [],
    },
  };
}

function untilServices(): ReachedState {
  return {
    ...planned(),
    acceptance: { planKey: `${folder}/plan.json` },
    announcement: { ...progress, sent: 6, rounds: [30, 10], next: 0 },
    drain: { ...progress, maintenance: 'on', sessions: 0, proceeded: false },
    services: services('inactive'),
  };
}

function untilVerified(): ReachedState {
  return {
    ...untilServices(),
    backup: {
      manifest: { ...progress, key: `${folder}/manifest-source.json`, tables: 5, rows: 85_204 },
      snapshot: {
        ...progress,
        identifier: IDENTIFIER,
        arn: `arn:aws:rds:eu-central-1:123456789012:snapshot:${IDENTIFIER}`,
        percent: 100,
      },
    },
    restore: {
      ...progress,
      identifier: IDENTIFIER,
      arn: `arn:aws:rds:eu-central-1:123456789012:db:${IDENTIFIER}`,
    },
  };
}

function toTheOutage(): Story {
  return new Story(execution.startTime)
    .task('Plan', 6)
    .task('Plan: inspect database', 4)
    .task('Plan: accept', 1)
    .pass('Dry run?', 'Choice')
    .loop('Announce', 1789)
    .loop('Drain sessions', 272)
    .loop('Stop services', 51)
    .pass('Verify the backup?', 'Choice');
}

const backUp = (story: Story): Story =>
  story
    .parallel('Back up', [
      [['Record manifest', 62, { end: 'Record manifest: answer' }]],
      [['Take snapshot', 428, { end: 'Take snapshot: answer' }]],
    ])
    .loop('Restore test instance', 889);

function throughVerification(): Story {
  return backUp(toTheOutage())
    .triedAgain('Verify restore', 96, 'AwsTemporarilyUnavailable')
    .loop('Delete test instance', 187);
}

const ALL_OFF = { instances: { 'crm-db': 'stopped' }, servers: { 'web-1': 'stopped', 'app-1': 'stopped' } };
const ALL_ON = { instances: { 'crm-db': 'available' }, servers: { 'web-1': 'running', 'app-1': 'running' } };
const offDatabase = { ...progress, identifier: 'crm-db', state: 'stopped' };
const offServers = { ...progress, servers: [] };

export const succeeded = (): RunFixture => {
  const story = throughVerification()
    .parallel('Switch off', [
      [['Stop database', 341, { end: 'Stop database: answer' }]],
      [['Stop servers', 74, { end: 'Stop servers: answer' }]],
    ])
    .calling('Close the run');
  const state: ReachedState = {
    ...untilVerified(),
    approval: { approvedBy: 'arn:aws:iam::123456789012:role/HeadOfOperations', approvedAt: progress.since },
    comparison: { ...progress, equal: true, tables: 5, rows: 85_204, key: `${folder}/verification.json` },
    testInstance: { done: true },
    off: { database: offDatabase, servers: offServers },
  };
  return {
    config: system(ZONE_OPTIONS),
    state,
    events: story.events,
    closedAt: story.now,
    ...ALL_OFF,
    evidence: verified,
  };
};

export const partlyOff = (): RunFixture => {
  const story = throughVerification()
    .parallel('Switch off', [
      [['Stop database', 341, { end: 'Stop database: answer' }]],
      [['Stop servers', 900, { error: 'ServerDidNotStop', end: 'Stop servers: answer' }]],
    ])
    .calling('Close the run');
  const run = succeeded();
  return {
    ...run,
    state: {
      ...run.state,
      off: {
        database: offDatabase,
        servers: {
          Error: 'ServerDidNotStop',
          Cause:
            '{"errorMessage":"after 900 s: app-1 (i-0b1c2d3e4f5061728) is \\"running\\"; expected \\"stopped\\": see its console"}',
        },
      },
    },
    events: story.events,
    closedAt: story.now,
    servers: { 'web-1': 'stopped', 'app-1': 'running' },
  };
};

const NAME = TABLES[3]?.[0] ?? '';

export const rolledBack = (): RunFixture => {
  const different = manifest(copy.server.address, copy.server.startedAt, {
    [NAME]: 'dddddddddddddddddddddddddddddddd',
  });
  const story = backUp(toTheOutage())
    .failing('Verify restore', 31, 'VerificationMismatch')
    .parallel('Roll back', [
      [['Roll back: delete test instance', 214, { end: 'Roll back: delete test instance: answer' }]],
      [
        ['Roll back: start services', 96],
        ['Roll back: end maintenance mode', 23, { end: 'Roll back: end maintenance mode: answer' }],
      ],
    ])
    .calling('Close the run');
  return {
    config: system(ZONE_OPTIONS),
    state: {
      ...untilVerified(),
      failure: {
        Error: 'VerificationMismatch',
        Cause: JSON.stringify({
          errorMessage: `the restored copy differs from the source in 1 object: crm: ${NAME} (the same 1204 rows in number, but not in content). Expected both equal; the backup is not proved, so nothing was switched off. All differences: ${folder}/verification.json`,
        }),
      },
      rollback: { testInstance: { done: true }, services: services('active'), maintenance: { done: true } },
    },
    events: story.events,
    closedAt: story.now,
    ...ALL_ON,
    evidence: {
      [`${folder}/manifest-source.json`]: source,
      [`${folder}/manifest-restored.json`]: different,
      [`${folder}/verification.json`]: comparisonOf(source, different, [
        {
          object: `crm: ${NAME}`,
          kind: 'content',
          detail: 'the same 1204 rows in number, but not in content',
        },
      ]),
    },
  };
};

export const notBegun = (): RunFixture => {
  const story = new Story(execution.startTime)
    .task('Plan', 6)
    .task('Plan: inspect database', 4)
    .failing('Plan: accept', 1, 'PlanRejected')
    .calling('Close the run');
  const state = planned();
  return {
    config: system(ZONE_OPTIONS),
    state: {
      ...state,
      plan: plan({
        reasons: [
          {
            resource: 'server web-1',
            problem: 'its SSM agent is "ConnectionLost"; expected "Online"',
            remedy: 'start the agent',
          },
          {
            resource: 'database crm-db',
            problem: '98 of 100 manual snapshots are used; expected room for one',
            remedy: 'delete old ones or ask for a higher quota',
          },
        ],
      }),
      failure: {
        Error: 'PlanRejected',
        Cause: '{"errorMessage":"2 reasons not to begin, nothing was touched: …"}',
      },
    },
    events: story.events,
    closedAt: story.now,
    ...ALL_ON,
    evidence: {},
  };
};

export const dryRun = (): RunFixture => {
  const story = new Story(execution.startTime)
    .task('Plan', 6)
    .task('Plan: inspect database', 4)
    .task('Plan: accept', 1)
    .pass('Dry run?', 'Choice')
    .calling('Close the run');
  return {
    config: system(ZONE_OPTIONS),
    state: { ...planned({ dryRun: true }), acceptance: { planKey: `${folder}/plan.json` } },
    events: story.events,
    closedAt: story.now,
    ...ALL_ON,
    evidence: {},
  };
};
