import { expect, it } from 'vitest';
import { OWN, type Row, SUPERSEDED, SYSTEM } from '../support/iam/arns.ts';
import { stacks, whoMayInAny } from '../support/iam/who-may.ts';

/**
 * Who may do what: every deed that could cost data, evidence or trust, and the steps that may do it in at least one system. No other step may, in
 * any system. Everything is tried on a resource that carries whatever tags would let it pass.
 */
const TABLE: Row[] = [
  // The database and the servers.
  [
    'stop the database',
    (a) => ({ action: a.action('StopDBInstance', 'StopDBCluster'), resource: a.database() }),
    ['database', 'keep'],
  ],
  [
    'stop another database',
    (a) => ({ action: a.action('StopDBInstance', 'StopDBCluster'), resource: a.database('erp-db') }),
    [],
  ],
  [
    'delete the database',
    (a) => ({
      action: a.action('DeleteDBInstance', 'DeleteDBCluster'),
      resource: a.database(),
      tags: SUPERSEDED,
    }),
    [],
  ],
  [
    'change the database',
    (a) => ({
      action: a.action('ModifyDBInstance', 'ModifyDBCluster'),
      resource: a.database(),
      tags: SYSTEM,
    }),
    [],
  ],
  [
    'restart the database',
    (a) => ({
      action: a.action('RebootDBInstance', 'RebootDBCluster'),
      resource: a.database(),
      tags: SYSTEM,
    }),
    [],
  ],
  [
    'install maintenance of the database',
    (a) => ({ action: 'rds:ApplyPendingMaintenanceAction', resource: a.database() }),
    ['update'],
  ],
  [
    'start the database',
    (a) => ({ action: a.action('StartDBInstance', 'StartDBCluster'), resource: a.database() }),
    ['wake'],
  ],
  ['start a server', (a) => ({ action: 'ec2:StartInstances', resource: a.instance() }), ['wake']],
  [
    'start a server of another system',
    (a) => ({ action: 'ec2:StartInstances', resource: a.instance('i-0ffffffffffffffff') }),
    [],
  ],
  ['stop a server', (a) => ({ action: 'ec2:StopInstances', resource: a.instance() }), ['keep', 'servers']],
  [
    'stop another server',
    (a) => ({ action: 'ec2:StopInstances', resource: a.instance('i-0ffffffffffffffff') }),
    [],
  ],
  [
    'terminate a server',
    (a) => ({ action: 'ec2:TerminateInstances', resource: a.instance(), tags: SYSTEM }),
    [],
  ],
  // Copies.
  [
    'make a copy of the database',
    (a) => ({
      action: a.action('RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot'),
      resource: a.database(OWN),
    }),
    ['restore'],
  ],
  [
    'restore over the database',
    (a) => ({
      action: a.action('RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot'),
      resource: a.database(),
    }),
    [],
  ],
  [
    'delete a copy',
    (a) => ({
      action: a.action('DeleteDBInstance', 'DeleteDBCluster'),
      resource: a.database(OWN),
      tags: SYSTEM,
    }),
    ['restore', 'tidy'],
  ],
  [
    'delete what is only called like a copy',
    (a) => ({ action: a.action('DeleteDBInstance', 'DeleteDBCluster'), resource: a.database(OWN) }),
    [],
  ],
  [
    'delete a copy of a volume',
    (a) => ({ action: 'ec2:DeleteVolume', resource: a.volume(), tags: SYSTEM }),
    ['tidy', 'volumes'],
  ],
  ['delete a volume of the CRM', (a) => ({ action: 'ec2:DeleteVolume', resource: a.volume() }), []],
  ['detach a volume of the CRM', (a) => ({ action: 'ec2:DetachVolume', resource: a.volume() }), []],
  [
    'tag a volume of the CRM as a copy',
    (a) => ({
      action: 'ec2:CreateTags',
      resource: a.volume(),
      request: { 'aws:TagKeys': ['lights-out:system'] },
    }),
    [],
  ],
  // Secrets and keys.
  [
    'read the secret',
    (a) => ({
      action: 'secretsmanager:GetSecretValue',
      resource: a.of('secretsmanager', 'secret:crm-db-lights-out-a1b2c3'),
    }),
    ['drain', 'inspect', 'manifest', 'verify'],
  ],
  [
    'read another secret',
    (a) => ({
      action: 'secretsmanager:GetSecretValue',
      resource: a.of('secretsmanager', 'secret:erp-db-a1b2c3'),
    }),
    [],
  ],
  [
    'sign in to the database',
    (a) => ({ action: 'rds-db:connect', resource: a.of('rds-db', 'dbuser:db-ABC/lights_out') }),
    ['drain', 'inspect', 'manifest', 'verify'],
  ],
  [
    'sign in as the administrator',
    (a) => ({ action: 'rds-db:connect', resource: a.of('rds-db', 'dbuser:db-ABC/postgres') }),
    [],
  ],
  [
    'let RDS use the database’s key',
    (a) => ({ action: 'kms:CreateGrant', resource: a.key(), request: a.via('rds') }),
    ['restore', 'snapshot'],
  ],
  [
    'let EC2 use the database’s key',
    (a) => ({ action: 'kms:CreateGrant', resource: a.key(), request: a.via('ec2') }),
    [],
  ],
  [
    'give the database’s key to somebody',
    (a) => ({
      action: 'kms:CreateGrant',
      resource: a.key(),
      request: { 'kms:GrantOperations': ['Decrypt'], 'kms:GranteePrincipal': a.of('iam', 'role/Mallory') },
    }),
    [],
  ],
  [
    'decrypt with the database’s key',
    (a) => ({ action: 'kms:Decrypt', resource: a.key(), request: a.via('rds') }),
    [],
  ],
  ['delete a key', (a) => ({ action: 'kms:ScheduleKeyDeletion', resource: a.key() }), []],
];

it.each(TABLE)('%s', (_deed, of, who) => {
  expect(whoMayInAny(of)).toEqual(who);
});

it('nobody may anything that changes roles, code or keys', () => {
  const forbidden =
    /^(iam|sts|lambda:(Update|Add|Create|Delete)|kms:(Put|Schedule|Disable|Revoke|Retire)|s3:Put(Bucket|Lifecycle|Encryption)|cloudformation):?/;
  const actions = stacks.flatMap(({ roles }) =>
    roles.flatMap(({ statements }) => statements.flatMap(({ Action }) => Action)),
  );
  expect(actions.filter((action) => forbidden.test(action))).toEqual([]);
});
