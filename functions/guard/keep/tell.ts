import type { KeepInput } from '../../contract/watch.ts';
import { sendNotice } from '../../notices/send.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import type { Kept } from './stop.ts';

/**
 * Tells the operators which resources were stopped again. A start that another execution dealt with, or that must not be undone, is not
 * reported here. Who asked to finish a shutdown hears of its end in any case, also when everything was found off.
 *
 * @throws what SES answers when nobody could be told: the state machine tries again.
 */
export async function tellOperators(state: KeepInput & { kept?: Kept }): Promise<{ sent: number }> {
  const { kept, cause, by } = state;
  const isFinished = cause === 'finish' && kept?.outcome === 'found-off';
  if (kept === undefined || (kept.outcome !== 'stopped' && !isFinished)) return { sent: 0 };
  const config = await readConfiguration();
  const { sent } = await sendNotice(
    config,
    {
      kind: 'kept-stopped',
      audience: 'operators',
      facts: {
        runId: state.runId,
        system: config.name,
        displayName: config.displayName,
        timeZone: config.timeZone,
        at: kept.since,
        started: kept.foundOn,
        resources: Object.entries(kept.states).map(([name, found]) => ({ name, state: found })),
        ...(cause === 'forced-start' ? { forced: true } : {}),
        ...(cause === 'finish' ? { finishedBy: by ?? 'unknown' } : {}),
      },
    },
    { required: true },
  );
  return { sent };
}
