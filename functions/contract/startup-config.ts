import { z } from 'zod';
import { HealthCheck } from './health-config.ts';

/** How a system is brought back. */
export const Startup = z.strictObject({
  /**
   * Health checks: users are let in when all are green. Each is one of `http`, `tcp`, `sql` and `script`. Default none, so the system
   * counts as healthy once its services are active.
   */
  health: z.array(HealthCheck).max(20, 'expected at most 20 checks').default([]),
});
export type Startup = z.output<typeof Startup>;
