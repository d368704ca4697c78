import { z } from 'zod';

/** How the backup is proved. `none` is on record in the evidence and lets the database stop without a proof. */
export const Verification = z.enum(['full', 'none']);
export type Verification = z.infer<typeof Verification>;

/**
 * A run's input. Every key is optional, an unknown one is refused. `{}` and the Step Functions console's own default
 * input (an object with nothing but `Comment`) are the same: shut down now, after the longest notice.
 */
export const RunInput = z.strictObject({
  /** Must name the stack's own system when given: a guard against the wrong console tab. */
  system: z.string().optional(),
  /** When the shutdown begins, ISO 8601 with an offset. Default: now plus the longest notice. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Only plan: find out read-only what a run would do, take no lock, tell nobody. Default false. */
  dryRun: z.boolean().optional(),
  /** Why, in a sentence for the notices. */
  reason: z.string().min(1).max(500).optional(),
  /** Who asked, as the one who starts the execution says: shown as not proved, and believed nowhere. The API refuses it. */
  requestedBy: z.string().min(1).max(256).optional(),
  /** Overrides the system's `verification` for this run, on record. */
  verification: Verification.optional(),
  /** Ignored: the Step Functions console puts it there. */
  Comment: z.string().optional(),
});
export type RunInput = z.infer<typeof RunInput>;
