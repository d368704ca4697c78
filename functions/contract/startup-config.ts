import { z } from 'zod';
import { HealthCheck } from './health-config.ts';

/** How the system comes back: what is confirmed before its servers start, and what has to be seen before users are let in. */
export const Startup = z.strictObject({
  /**
   * Whether the database is compared with what the shutdown recorded, before any server starts. `full` reads every table and compares it; `none` lets the system
   * start without, on record. Default: `full` where the shutdown verified its backup, else `none`.
   *
   * @example 'none'
   */
  confirm: z.enum(['full', 'none'], { error: 'expected "full" or "none"' }).optional(),
  /**
   * How long the comparison may take, in minutes. Default 24 hours.
   *
   * @example 120
   */
  confirmTimeoutMinutes: z
    .number()
    .int()
    .min(5)
    .max(24 * 60)
    .default(24 * 60),
  /**
   * What is done when the data could not be confirmed: not in time, or because servers were running already. `stay-closed` leaves the system as it is and tells
   * the operators; `go-on` lets it start, on record. Data that differ never go on. Default `stay-closed`.
   *
   * @example 'go-on'
   */
  unconfirmed: z
    .enum(['stay-closed', 'go-on'], { error: 'expected "stay-closed" or "go-on"' })
    .default('stay-closed'),
  /**
   * Whether the services of a tier are started although one of a tier before it did not come up. Default `false`.
   *
   * @example true
   */
  continue: z.boolean({ error: 'expected true or false' }).default(false),
  /**
   * Health checks: users are let in when all are green. Each is one of `http`, `tcp`, `sql` and `script`. Default none, so the system
   * counts as healthy once its services are active.
   */
  health: z.array(HealthCheck).max(20, 'expected at most 20 checks').default([]),
});
export type Startup = z.output<typeof Startup>;
