import { defined } from '../../contract/defined.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { StartupState } from '../../contract/startup-state.ts';
import { sendNotice } from '../../notices/send.ts';
import { changeEvidence } from '../../runtime/evidence.ts';

/** The content of `late.json`. */
interface LateRecord {
  /** When users were first told, ISO 8601. */
  at: string;
  sent?: number;
}

/**
 * Tells users that the promised time will not hold, and that they will hear when the system is back. The evidence holds a note, so that a
 * repeated call tells nobody twice.
 *
 * @throws the error of a channel that is busy or down, if nobody could be told: the workflow tries again, then goes on.
 */
export async function tellLate({
  run,
  config,
}: Pick<StartupState, 'run' | 'config'>): Promise<{ sent: number }> {
  const key = EvidenceKey.late(config.name, run.id);
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
