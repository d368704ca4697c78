import type { KeepInput } from '../../../../functions/contract/watch.ts';
import { handler } from '../../../../functions/guard/keep/handler.ts';
import type { Kept } from '../../../../functions/guard/keep/stop.ts';
import { RUN_ID } from '../../fixtures.ts';
import { OFF_SINCE } from '../../watch-world.ts';

/** RDS has started the database by itself. */
export const forced: KeepInput = {
  cause: 'forced-start',
  targets: ['database'],
  runId: RUN_ID,
  stoppedAt: OFF_SINCE,
};

/** An execution of KeepStopped. */
export const keep = { id: 'arn:keep:1', name: 'keep-1', startTime: '2026-12-04T15:00:00.000Z' };

/** One call of "Stop again". @param kept what the call before it answered. */
export function stop(kept?: Kept, input = forced, execution = keep): Promise<Kept> {
  return handler({
    action: 'stop',
    execution,
    state: { ...input, ...(kept === undefined ? {} : { kept }) },
  }) as Promise<Kept>;
}
