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
  /** The shutdown that set the mark: its evidence proves the snapshot. Kept when the system is released. */
  run?: { id: string; executionArn: string };
  /** When the database was last seen stopped, ISO 8601. Absent if it never was. */
  stoppedAt?: string;
  /** Resources that the shutdown could not switch off and reported to the operators: `server web-1` … */
  stillOn?: string[];
  /**
   * A person stopped that shutdown on its way. Whatever is started now is reported and never stopped again, whatever the system's `drift`
   * says.
   */
  aborted?: true;
  /**
   * Resources that executions of KeepStopped found on. Written before their stop is requested, so that a killed execution still knows what
   * it has stopped.
   */
  stopping?: { by: string; foundOn: string[] }[];
  /**
   * The last start that KeepStopped dealt with: the resources that were stopped again, each with the execution that reports it. `stoppedAt`
   * tells one start from another: it is the time when the database was last seen stopped before that start.
   */
  seenTo?: { stoppedAt?: string; by: Record<string, string> };
  /** The execution that last stopped the system again, after RDS or a person had started it. */
  stoppedAgainBy?: string;
  /**
   * A start-up has found that what comes back is what this shutdown put away, or a person has accepted that it differs. Later start-ups
   * need no further comparison, since servers may have written since.
   */
  confirmed?: { by: string; at: string; accepted?: true };
  /**
   * A shutdown that is under way, or ended without putting the system away. Its evidence says what ran before it. The system is not open
   * until that run, or a start-up, has seen it so.
   */
  begun?: string;
  /** When a start-up let users in again, ISO 8601. Absent while a shutdown has not been ended by a start-up. */
  openedAt?: string;
  /** How often the system was stopped again. */
  stoppedAgain: number;
}

/** Tells whether the system is meant to be off now. Undefined when no run has ever said. */
export async function readIntent(system: string): Promise<StoredObject<Intent> | undefined> {
  return readEvidence<Intent>(EvidenceKey.intent(system));
}

/**
 * Changes the mark by a conditional write. If another writer was faster, the change is made again on the newer mark.
 *
 * @param change answers the mark to write, or undefined to leave the mark as it is. It may be called more than once.
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
 * Marks the system as meant to be off, for a shutdown that is over. Each run marks once: a released mark of the same run stays released, so
 * that a repeated call never undoes a release.
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
      ? undefined
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

/**
 * Clears the mark: the system is meant to be on. If the mark says so already, nothing is written.
 *
 * @returns whether this call cleared the mark.
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

/**
 * Notes that a shutdown begins. The system is meant to be on, and everything was found on, whoever started it. An earlier shutdown is over
 * with that: nothing of it is to be confirmed any more.
 */
export async function shutdownBegins(run: Pick<RunContext, 'id' | 'system'>): Promise<void> {
  const now = new Date(Date.now()).toISOString();
  await changeIntent(run.system, (current) =>
    current?.begun === run.id
      ? undefined
      : {
          wanted: 'on',
          since: current?.wanted === 'on' ? current.since : now,
          by: current?.wanted === 'on' ? current.by : `run ${run.id}`,
          reason: 'it was found on when this shutdown began',
          begun: run.id,
          stoppedAgain: 0,
        },
  );
}

/**
 * Notes that a start-up begins: the system is meant to be on, and is not open until that run, or a later one, has seen it so. Nothing that
 * it starts is stopped again.
 */
export async function startupBegins({ id, system }: Pick<RunContext, 'id' | 'system'>): Promise<void> {
  const by = `run ${id}`;
  const now = new Date(Date.now()).toISOString();
  await changeIntent(system, (current) => {
    if (current === undefined) return { wanted: 'on', since: now, by, stoppedAgain: 0 };
    if (current.wanted === 'on' && current.openedAt === undefined) return undefined;
    const { run, begun, confirmed, stoppedAgain } = current;
    return {
      wanted: 'on',
      since: now,
      by,
      reason: 'a start-up began',
      ...defined({ run, begun, confirmed }),
      stoppedAgain,
    };
  });
}

/** Notes that the data of the shutdown are confirmed, for start-ups that come later. */
export async function noteConfirmed(
  system: string,
  shutdown: string,
  confirmed: NonNullable<Intent['confirmed']>,
): Promise<void> {
  await changeIntent(system, (current) =>
    current?.run?.id !== shutdown || current.wanted === 'off' || current.confirmed !== undefined
      ? undefined
      : { ...current, confirmed },
  );
}

/** Notes that users are let in again. A mark that says off since stays: another shutdown has begun. */
export async function noteOpened(system: string, at: string): Promise<void> {
  await changeIntent(system, (current) =>
    current === undefined || current.wanted === 'off' || current.openedAt !== undefined
      ? undefined
      : { ...current, openedAt: at },
  );
}
