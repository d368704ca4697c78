import { z } from 'zod';
import { KmsKeyArn } from './kms-config.ts';

const VolumeId = z
  .string()
  .regex(/^vol-([0-9a-f]{8}|[0-9a-f]{17})$/, 'expected an EBS volume id, e.g. "vol-0123456789abcdef0"');

/** What a run does with the EBS volumes of the servers, where the CRM keeps its files. */
export const Files = z.strictObject({
  /**
   * `snapshot`: once the services are quiet, a multi-volume crash-consistent snapshot of each server, seen `completed`. `verify`: each data
   * volume is also restored as a volume, attached to a server, and its list of files compared with the source's. `none`: nothing, on
   * record. Default `snapshot`: nobody who backs a CRM up expects its files to be left out, and it needs no more than the services' stop.
   */
  backup: z
    .enum(['none', 'snapshot', 'verify'], { error: 'expected "none", "snapshot" or "verify"' })
    .default('snapshot'),
  /**
   * Whether boot volumes are included. They are never compared, since the running system writes to them. Default true: they may hold files too.
   *
   * @example false
   */
  bootVolumes: z.boolean({ error: 'expected true or false' }).default(true),
  /**
   * Data volumes to leave out, e.g. caches and swap. The plan lists them as not covered. Default none.
   *
   * @example ['vol-0a1b2c3d4e5f60718']
   */
  excludeVolumes: z.array(VolumeId).default([]),
  /**
   * Whether to hash the contents of the files too, besides names, sizes and times. Hashing reads every volume whole, twice. Default false.
   *
   * @example true
   */
  contents: z.boolean({ error: 'expected true or false' }).default(false),
  /**
   * Name of the server to which restored volumes are attached. Default: each to the server of its source.
   *
   * @example 'app-1'
   */
  checkServer: z.string().optional(),
  /**
   * How long reading the files of one volume may take, in minutes. Default 60.
   *
   * @example 120
   */
  checkTimeoutMinutes: z
    .number()
    .int()
    .min(5)
    .max(24 * 60)
    .default(60),
  /**
   * A stop deletes the data on instance store volumes. `refuse` to begin for such a server, or `discard` the data. Default `refuse`.
   *
   * @example 'discard'
   */
  instanceStore: z.enum(['refuse', 'discard'], { error: 'expected "refuse" or "discard"' }).default('refuse'),
  /**
   * Customer managed KMS keys of the volumes, boot volumes too: for `verify`, and for the start-up, which may not start a server whose volumes lie under another one.
   * The AWS managed key needs no mention.
   *
   * @example ['arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9']
   */
  kmsKeyArns: z.array(KmsKeyArn).default([]),
});
export type Files = z.infer<typeof Files>;
