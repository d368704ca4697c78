import { z } from 'zod';

/** How a run proves the backup. With `none` the database stops without a proof, and the evidence says so. */
export const Verification = z.enum(['full', 'none']);
export type Verification = z.infer<typeof Verification>;

/**
 * A run's input. Every key is optional, and an unknown key is refused. `{}` means: shut down now, after the longest notice. The default
 * input of the Step Functions console, an object with only `Comment`, means the same.
 */
export const RunInput = z.strictObject({
  /** The name of the stack's own system, when given. It guards against the wrong console tab. */
  system: z.string().optional(),
  /** When the shutdown begins, ISO 8601 with an offset. Default: now plus the longest notice. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** The return time that users are told, ISO 8601 with an offset, after `at`. Default: none, and the notices say that it will be announced. */
  backAt: z.iso.datetime({ offset: true }).optional(),
  /** Only plan: find out what a run would do, read-only, without a lock or a notice. Default false. */
  dryRun: z.boolean().optional(),
  /** The reason for the run, one sentence for the notices. */
  reason: z.string().min(1).max(500).optional(),
  /**
   * No time in advance, and nobody is waited for: users are told that it happens now. Needs a reason, and `emergency` in the configuration. The backup is proved as always,
   * unless `verification` says otherwise and the configuration allows that in an emergency. A second person's approval, where the system wants one, is
   * waited for as always. Default false.
   */
  emergency: z.boolean().optional(),
  /**
   * Goes on although a hold covers the time. Needs a reason, which stands on record. Default false.
   */
  force: z.boolean().optional(),
  /**
   * A backup now: takes a snapshot of the running system's database, restores it to a test instance and compares it. What is written meanwhile
   * is named. The run stops nothing, tells no user and asks nobody for approval. Files on the servers' volumes are left out. Default false.
   */
  onlyProve: z.boolean().optional(),
  /** The requester, by the word of the starter of the execution. Shown as unproved and never believed. The API refuses this key. */
  requestedBy: z.string().min(1).max(256).optional(),
  /** Overrides the system's `verification` for this run. The evidence says so. */
  verification: Verification.optional(),
  /** Ignored: the Step Functions console adds it. */
  Comment: z.string().optional(),
});
export type RunInput = z.infer<typeof RunInput>;
