import { expect, it } from 'vitest';
import { type Row, SUPERSEDED, SYSTEM, VERIFIED } from '../support/iam/arns.ts';
import { whoMayInAny } from '../support/iam/who-may.ts';

/** Who may take, mark, share and delete backups: as in the table of who-may.test.ts. */
const TABLE: Row[] = [
  [
    'take a snapshot',
    (a) => ({ action: a.action('CreateDBSnapshot', 'CreateDBClusterSnapshot'), resource: a.snapshot() }),
    ['snapshot'],
  ],
  [
    'take snapshots of volumes',
    (a) => ({
      action: 'ec2:CreateSnapshots',
      resource: a.volumeSnapshot(),
      request: { 'aws:RequestTag/lights-out:system': 'crm' },
    }),
    ['volumes'],
  ],
  [
    'delete a snapshot that is not verified',
    (a) => ({
      action: a.action('DeleteDBSnapshot', 'DeleteDBClusterSnapshot'),
      resource: a.snapshot(),
      tags: SYSTEM,
    }),
    [],
  ],
  [
    'delete a verified snapshot that the policy keeps',
    (a) => ({
      action: a.action('DeleteDBSnapshot', 'DeleteDBClusterSnapshot'),
      resource: a.snapshot(),
      tags: VERIFIED,
    }),
    [],
  ],
  [
    'delete a snapshot that newer ones have superseded',
    (a) => ({
      action: a.action('DeleteDBSnapshot', 'DeleteDBClusterSnapshot'),
      resource: a.snapshot(),
      tags: SUPERSEDED,
    }),
    ['tidy'],
  ],
  [
    'delete somebody’s own snapshot',
    (a) => ({
      action: a.action('DeleteDBSnapshot', 'DeleteDBClusterSnapshot'),
      resource: a.snapshot('before-the-upgrade'),
      tags: SUPERSEDED,
    }),
    [],
  ],
  [
    'delete a snapshot of a volume that the policy keeps',
    (a) => ({ action: 'ec2:DeleteSnapshot', resource: a.volumeSnapshot(), tags: VERIFIED }),
    [],
  ],
  [
    'delete a snapshot of a volume that newer ones have superseded',
    (a) => ({ action: 'ec2:DeleteSnapshot', resource: a.volumeSnapshot(), tags: SUPERSEDED }),
    ['tidy'],
  ],
  [
    'mark a snapshot',
    (a) => ({
      action: 'rds:AddTagsToResource',
      resource: a.snapshot(),
      tags: SYSTEM,
      request: { 'aws:TagKeys': ['lights-out:superseded'] },
    }),
    ['report'],
  ],
  [
    'mark a snapshot of somebody',
    (a) => ({
      action: 'rds:AddTagsToResource',
      resource: a.snapshot('before-the-upgrade'),
      request: { 'aws:TagKeys': ['lights-out:superseded'] },
    }),
    [],
  ],
  [
    'tag a snapshot when it is made',
    (a) => ({
      action: 'rds:AddTagsToResource',
      resource: a.snapshot(),
      request: { 'aws:TagKeys': ['lights-out:system', 'lights-out:run'] },
    }),
    ['snapshot'],
  ],
  [
    'mark a snapshot when it is made',
    (a) => ({
      action: 'rds:AddTagsToResource',
      resource: a.snapshot(),
      request: { 'aws:TagKeys': ['lights-out:system', 'lights-out:verified'] },
    }),
    [],
  ],
  [
    'mark a snapshot of a volume',
    (a) => ({
      action: 'ec2:CreateTags',
      resource: a.volumeSnapshot(),
      tags: SYSTEM,
      request: { 'aws:TagKeys': ['lights-out:verified'] },
    }),
    ['report'],
  ],
  [
    'mark a snapshot of a volume when it is made',
    (a) => ({
      action: 'ec2:CreateTags',
      resource: a.volumeSnapshot(),
      request: { 'ec2:CreateAction': 'CreateSnapshots', 'aws:TagKeys': ['lights-out:superseded'] },
    }),
    [],
  ],
  [
    'take a tag off a snapshot',
    (a) => ({ action: 'rds:RemoveTagsFromResource', resource: a.snapshot(), tags: SYSTEM }),
    [],
  ],
  [
    'share a snapshot',
    (a) => ({
      action: a.action('ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute'),
      resource: a.snapshot(),
      tags: SYSTEM,
    }),
    [],
  ],
];

it.each(TABLE)('%s', (_deed, of, who) => {
  expect(whoMayInAny(of)).toEqual(who);
});
