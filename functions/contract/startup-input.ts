import { z } from 'zod';

/**
 * A start-up's input. Every key is optional, and an unknown key is refused. `{}` means: bring the system back now, and open it when it is
 * healthy. The default input of the Step Functions console, an object with only `Comment`, means the same.
 */
export const StartupInput = z.strictObject({
  /** The name of the stack's own system, when given. It guards against the wrong console tab. */
  system: z.string().optional(),
  /** When the doors open, not before, ISO 8601 with an offset. Default: what the shutdown promised; without a promise, when everything is healthy. */
  backAt: z.iso.datetime({ offset: true }).optional(),
  /** Only plan: find out what a start-up would do, read-only, without a lock. Default false. */
  dryRun: z.boolean().optional(),
  /** The reason for the run, one sentence for the notices. */
  reason: z.string().min(1).max(500).optional(),
  /**
   * Lets the system start although its data differ from what was put away, or could not be confirmed: the reason, one sentence, on record. Where the system
   * wants a second person's approval, only one of `approval.principals` who did not ask for the shutdown may say so, by the API.
   */
  acceptDifferences: z.string().min(1).max(500).optional(),
  /** The requester, by the word of the starter of the execution. Shown as unproved and never believed. The API refuses this key. */
  requestedBy: z.string().min(1).max(256).optional(),
  /** Ignored: the Step Functions console adds it. */
  Comment: z.string().optional(),
});
export type StartupInput = z.infer<typeof StartupInput>;
