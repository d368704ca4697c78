import { defined } from '../contract/defined.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { StartupState } from '../contract/startup-state.ts';
import { changeEvidence } from '../runtime/evidence.ts';
import { sendNotice } from './send.ts';

/** The content of `late.json`. */
interface LateRecord {
  /** When users were first told, ISO 8601. */
  at: string;
  sent?: number;
}

/**
 * Tells users that the promised time will not hold, and that they will hear when the system is back. The evidence of the shutdown that the
 * promise was made by holds a note, so that neither a repeated call nor a second start-up tells anybody twice.
 *
 * @throws the error of a channel that is busy or down, if nobody could be told: the workflow tries again, then goes on.
 */
export async function tellLate({
  run,
  config,
  wake,
}: Pick<StartupState, 'run' | 'config'> & { wake?: StartupState['wake'] | undefined }): Promise<{
  sent: number;
}> {
  const key = EvidenceKey.late(config.name, wake?.shutdown?.run ?? run.id);
  const { value } = await changeEvidence<LateRecord>(key, (current) =>
    current === undefined ? { at: new Date(Date.now()).toISOString() } : undefined,
  );
  if (value?.sent !== undefined) return { sent: value.sent };
  const { sent } = await sendNotice(config, {
    kind: 'late',
    audience: 'users',
    facts: {
      runId: run.id,
      system: config.name,
      displayName: config.displayName,
      timeZone: config.timeZone,
      ...defined({ backAt: run.backAt, reason: run.reason }),
    },
    occurrence: run.backAt ?? '',
  });
  await changeEvidence<LateRecord>(key, (current) =>
    current === undefined ? undefined : { ...current, sent },
  );
  return { sent };
}
