import type { RunInput } from '../../functions/contract/input.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';
import { parseFaults } from '../world/fault-injection.ts';
import type { Recording } from './case.ts';
import { PROMISED_AFTER } from './startup-run.ts';
import type { SweepWorld } from './world.ts';

/** Lets one run happen without any fault, and notes everything in it that can be hit. Of a start-up, not what the shutdown before it did. */
export async function record(
  world: SweepWorld,
  out: string,
  action: RunKind = 'shutdown',
  { input = {}, faults = [] }: { input?: RunInput | undefined; faults?: object[] | undefined } = {},
): Promise<Recording> {
  return await world.run(
    {
      out,
      faults: parseFaults(JSON.stringify(faults)),
      action,
      input,
      away: PROMISED_AFTER,
      watchConnections: true,
    },
    async (rehearsal, sandbox) => {
      if (rehearsal.exitCode !== 0) {
        const { outcome, error } = rehearsal.record;
        throw new Error(
          `the run without faults ended as "${outcome}" (${error?.message ?? rehearsal.broken.join('; ')}); expected it to succeed: see ${out}`,
        );
      }
      const { events } = rehearsal.execution.history;
      return {
        calls: sandbox.calls.calls
          .filter(({ at }) => Date.parse(at) >= rehearsal.askedAt)
          .map(({ function: step, service, operation }) => ({ function: step, service, operation })),
        connections: (sandbox.connections?.seen ?? []).map((each) => ({ ...each })),
        invocations: sandbox.injector.invoked.map(({ function: step }) => ({ function: step })),
        tasks: [
          ...new Set(
            events.flatMap(({ type, stateEnteredEventDetails }) =>
              type === 'TaskStateEntered' ? (stateEnteredEventDetails?.name ?? []) : [],
            ),
          ),
        ],
        states: [...new Set(events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []))],
      };
    },
  );
}
