import { defined } from '../contract/defined.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { RunContext } from '../contract/state.ts';
import { changeEvidence, readEvidence, type StoredObject } from '../runtime/evidence.ts';

/** What `intent/<system>` holds: whether the system is meant to be on or off, and who decided so. The bucket keeps earlier versions. */
export interface Intent {
  wanted: 'on' | 'off';
  /** Since when, ISO 8601. */
  since: string;
  /** Who decided so: `run 20261127-2200-1a2b3c4d`, or the ARN of a person. */
  by: string;
  reason?: string;
  /** The shutdown that this is about: its evidence proves the snapshot. Kept when the system is released. */
  run?: { id: string; executionArn: string };
  /** When the database was last seen stopped, ISO 8601. Absent while it never was. */
  stoppedAt?: string;
  /** What the shutdown could not switch off, and told the operators of: `server web-1` … */
  stillOn?: string[];
  /** A person stopped that shutdown on its way: what is started now is told and never stopped again, whatever the system's `drift` says. */
  aborted?: true;
  /** What executions of KeepStopped found on before they asked for its stop: one that is killed then still knows what it has stopped. */
  stopping?: { by: string; foundOn: string[] }[];
  /**
   * The last start that was seen to: what was stopped again, and by which execution, so that each is told by one. `stoppedAt`: when the database had last been seen stopped before that
   * start, which is what tells one start from another.
   */
  seenTo?: { stoppedAt?: string; by: Record<string, string> };
  /** The execution that stopped it again last, after RDS or a person had started it. */
  stoppedAgainBy?: string;
  /** How often it was stopped again. */
  stoppedAgain: number;
}

/** Whether the system is meant to be off just now; undefined when no run has ever said. */
export async function readIntent(system: string): Promise<StoredObject<Intent> | undefined> {
  return readEvidence<Intent>(EvidenceKey.intent(system));
}

/**
 * Changes the mark by a conditional write, again on the newer one when somebody else was faster.
 *
 * @param change what to write, or undefined to leave it as it is. It may be called more than once.
 * @returns the mark as it then is, and whether this call wrote it.
 */
export async function changeIntent(
  system: string,
  change: (current: Intent | undefined) => Intent | undefined,
): Promise<{ intent: Intent | undefined; changed: boolean }> {
  const { value, changed } = await changeEvidence<Intent>(EvidenceKey.intent(system), change);
  return { intent: value, changed };
}

/**
 * Marks the system as meant to be off, by a shutdown that is over. Said once a run: a mark that the run has written already and that was released
 * stays so, so that a repeated call never undoes a release. One that still says off learns what a redrive has switched off since.
 */
export async function meantToBeOff(
  run: Pick<RunContext, 'id' | 'system' | 'executionArn' | 'reason'>,
  {
    databaseStopped,
    stillOn,
    aborted = false,
  }: { databaseStopped: boolean; stillOn: string[]; aborted?: boolean },
): Promise<void> {
  const now = new Date(Date.now()).toISOString();
  await changeIntent(run.system, (current) =>
    current?.run?.id === run.id
      ? switchedOffSince(current, { now, databaseStopped, stillOn })
      : {
          wanted: 'off',
          since: now,
          by: `run ${run.id}`,
          ...defined({ reason: run.reason }),
          run: { id: run.id, executionArn: run.executionArn },
          ...(databaseStopped ? { stoppedAt: now } : {}),
          ...(stillOn.length === 0 ? {} : { stillOn }),
          ...(aborted ? { aborted } : {}),
          stoppedAgain: 0,
        },
  );
}

function switchedOffSince(
  current: Intent,
  found: { now: string; databaseStopped: boolean; stillOn: string[] },
): Intent | undefined {
  const { stoppedAt, stillOn = [], ...same } = current;
  const newlyStopped = stoppedAt === undefined && found.databaseStopped;
  if (current.wanted !== 'off' || (!newlyStopped && stillOn.length <= found.stillOn.length)) return undefined;
  const at = newlyStopped ? found.now : stoppedAt;
  return {
    ...same,
    ...defined({ stoppedAt: at }),
    ...(found.stillOn.length === 0 ? {} : { stillOn: found.stillOn }),
  };
}

/**
 * Clears the mark: the system is meant to be on. Nothing is written when it is so already.
 *
 * @returns whether this call cleared it.
 */
export async function meantToBeOn(
  system: string,
  { by, reason }: Pick<Intent, 'by' | 'reason'>,
): Promise<{ intent: Intent | undefined; changed: boolean }> {
  const now = new Date(Date.now()).toISOString();
  return changeIntent(system, (current) => {
    if (current?.wanted !== 'off') return undefined;
    return {
      wanted: 'on',
      since: now,
      by,
      ...defined({ reason, run: current.run }),
      stoppedAgain: current.stoppedAgain,
    };
  });
}
