import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems as examples } from '../../systems.ts';

/** The system that is swept where none is named: the example of `systems.ts`. */
export const FIRST = 'crm';

/** The system whose start-up is swept: what is on without being meant to is stopped, and its health is looked at in every way. */
export const RETURNING = 'returning';

const example = examples.find(({ name }) => name === FIRST);
if (example === undefined) throw new Error(`systems.ts holds no system "${FIRST}"; the sweep is about it`);
const { credentialsSecretArn: _none, ...withoutSecret } = example.database;
const { schedule: _never, ...withoutSchedule } = example;

/**
 * What the sweep can be about: the example, and systems that differ from it in one thing, each of which brings calls, states or connections of
 * its own.
 */
export const systems: SystemConfigInput[] = [
  example,
  {
    ...example,
    name: 'approved',
    approval: {
      approvers: [{ address: 'head-of-operations@example.com', language: 'en' }],
      principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
      timeoutMinutes: 60,
    },
  },
  // In these two days pass, in which a schedule would shut them down and bring them back.
  { ...withoutSchedule, name: 'kept', drift: 'stop', retention: { snapshots: 2, days: 1 } },
  {
    ...withoutSchedule,
    name: RETURNING,
    drift: 'stop',
    // Its shutdown is not what is swept.
    files: { backup: 'none' },
    startup: {
      health: [
        ...(example.startup?.health ?? []),
        { name: 'api', tcp: { host: 'app-1.crm.internal', port: 6379 } },
        // The canary: no answer of the database may be told.
        {
          name: 'rows',
          sql: { database: 'crm', statement: 'SELECT name FROM public.accounts WHERE id = 1' },
        },
        { name: 'worker', script: { server: 'worker-1', path: '/opt/crm/bin/healthy' } },
      ],
    },
  },
  { ...example, name: 'patched', updates: 'install' },
  {
    ...example,
    name: 'aurora',
    database: { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } },
  },
  { ...example, name: 'iam', database: { ...withoutSecret, iamUser: 'lights_out' } },
  { ...example, name: 'mariadb', database: { ...example.database, engine: 'mariadb' } },
];
