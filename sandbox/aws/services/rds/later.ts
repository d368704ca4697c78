import type { DatabaseWorld } from '../../../world/database/world.ts';

/** Runs later on the simulated clock; what goes wrong there shows as the resource's state, never as a lost rejection. */
export function later(
  world: DatabaseWorld,
  milliseconds: number,
  work: () => Promise<void> | void,
  failed: () => void,
): void {
  world.options.clock.after(milliseconds, () => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        console.error(
          `sandbox: an operation of RDS failed: ${error instanceof Error ? error.message : String(error)}`,
        );
        failed();
      });
  });
}
