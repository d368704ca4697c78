import { z } from 'zod';
import { KmsKeyArn } from './kms-config.ts';

const VolumeId = z
  .string()
  .regex(/^vol-([0-9a-f]{8}|[0-9a-f]{17})$/, 'expected an EBS volume id, e.g. "vol-0123456789abcdef0"');

/** What a run does with the servers' EBS volumes, where the CRM keeps its files. */
export const Files = z.strictObject({
  /**
   * `snapshot`: once the services are quiet, a run takes a multi-volume crash-consistent snapshot of each server and waits until it is
   * `completed`. `verify`: a run also restores each data volume, attaches it to a server, and compares its list of files with the source's.
   * `none`: no snapshot, and the evidence says so. Default `snapshot`: a backup of a CRM is expected to include its files, and a snapshot
   * needs only the stop of the services.
   */
  backup: z
    .enum(['none', 'snapshot', 'verify'], { error: 'expected "none", "snapshot" or "verify"' })
    .default('snapshot'),
  /**
   * Whether boot volumes are included. They are never compared, since the running system writes to them. Default true: they may hold files
   * too.
   */
  bootVolumes: z.boolean({ error: 'expected true or false' }).default(true),
  /** Data volumes to leave out, e.g. caches and swap. The plan lists them as not covered. Default none. */
  excludeVolumes: z.array(VolumeId).default([]),
  /**
   * Whether to hash the contents of the files too, besides names, sizes and times. Hashing reads every volume whole, twice. Default false.
   */
  contents: z.boolean({ error: 'expected true or false' }).default(false),
  /** Name of the server to which restored volumes are attached. Default: each to the server of its source. */
  checkServer: z.string().optional(),
  /** How long reading the files of one volume may take, in minutes. Default 60. */
  checkTimeoutMinutes: z
    .number()
    .int()
    .min(5)
    .max(24 * 60)
    .default(60),
  /** A stop deletes the data on instance store volumes. `refuse` to begin for such a server, or `discard` the data. Default `refuse`. */
  instanceStore: z.enum(['refuse', 'discard'], { error: 'expected "refuse" or "discard"' }).default('refuse'),
  /** Customer managed KMS keys of the volumes, for `verify`. The AWS managed key needs no mention. */
  kmsKeyArns: z.array(KmsKeyArn).default([]),
});
export type Files = z.infer<typeof Files>;
