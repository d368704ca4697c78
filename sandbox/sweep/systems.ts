import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems as examples } from '../../systems.ts';

/** The system that is swept where none is named: the example of `systems.ts`. */
export const FIRST = 'crm';

const example = examples.find(({ name }) => name === FIRST);
if (example === undefined) throw new Error(`systems.ts holds no system "${FIRST}"; the sweep is about it`);
const { credentialsSecretArn: _none, ...withoutSecret } = example.database;

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
  { ...example, name: 'kept', drift: 'stop', retention: { snapshots: 2, days: 1 } },
  { ...example, name: 'patched', updates: 'install' },
  {
    ...example,
    name: 'aurora',
    database: { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } },
  },
  { ...example, name: 'iam', database: { ...withoutSecret, iamUser: 'lights_out' } },
  { ...example, name: 'mariadb', database: { ...example.database, engine: 'mariadb' } },
];
