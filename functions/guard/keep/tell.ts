import type { KeepInput } from '../../contract/watch.ts';
import { sendNotice } from '../../notices/send.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import type { Kept } from './stop.ts';

/**
 * Tells the operators which resources were stopped again. A start that another execution dealt with, or that must not be undone, is not
 * reported here.
 *
 * @throws what SES answers when nobody could be told: the state machine tries again.
 */
export async function tellOperators(state: KeepInput & { kept?: Kept }): Promise<{ sent: number }> {
  const { kept } = state;
  if (kept?.outcome !== 'stopped') return { sent: 0 };
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
        ...(state.cause === 'forced-start' ? { forced: true } : {}),
      },
    },
    { required: true },
  );
  return { sent };
}
