import { randomBytes } from 'node:crypto';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { type Hold, type Holds, holdOver } from '../contract/holds.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Principal } from '../contract/principal.ts';
import type { RunContext } from '../contract/state.ts';
import { changeEvidence, readEvidence } from '../runtime/evidence.ts';

/** Holds that are kept on record in the object. The bucket's versions keep the others. */
const KEPT = 200;

export async function readHolds(system: string): Promise<Hold[]> {
  return (await readEvidence<Holds>(EvidenceKey.holds(system)))?.value.holds ?? [];
}

/** Adds a hold. */
export async function addHold(
  system: string,
  { from, until, reason, by }: Pick<Hold, 'from' | 'until' | 'reason'> & { by: Principal },
): Promise<Hold> {
  const at = new Date(Date.now()).toISOString();
  const hold: Hold = {
    id: `${at.slice(0, 16).replaceAll(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`,
    from,
    until,
    reason,
    by: { kind: by.kind, id: by.id, name: by.name },
    at,
  };
  await changeEvidence<Holds>(EvidenceKey.holds(system), (current) => ({
    holds: [...(current?.holds ?? []), hold].slice(-KEPT),
  }));
  return hold;
}

/**
 * Ends a hold before its time. One that was ended already stays as it is.
 *
 * @returns the hold, or undefined when there is none of that id.
 */
export async function endHold(system: string, id: string, by: string): Promise<Hold | undefined> {
  const ended = { at: new Date(Date.now()).toISOString(), by };
  const { value } = await changeEvidence<Holds>(EvidenceKey.holds(system), (current) => {
    const hold = current?.holds.find((each) => each.id === id);
    if (current === undefined || hold === undefined || hold.ended !== undefined) return undefined;
    return { holds: current.holds.map((each) => (each.id === id ? { ...each, ended } : each)) };
  });
  return value?.holds.find((each) => each.id === id);
}

/**
 * Requires that no hold covers the time at which users are out. A run that was forced, an emergency, and a run that stops nothing go on.
 *
 * @param outAt the announced time, ISO 8601.
 * @throws LightsOutError `Held` naming the hold.
 */
export async function requireNoHold(
  { system, force, emergency, onlyProve }: RunContext,
  outAt: string,
): Promise<void> {
  if (force === true || emergency === true || onlyProve === true) return;
  const hold = holdOver(await readHolds(system), Date.parse(outAt));
  if (hold === undefined) return;
  throw new LightsOutError(
    ErrorName.Held,
    `${hold.by.name} holds ${system} until ${hold.until} (${hold.reason}), and users were to be out at ${outAt}; expected no hold over that time: start a run for a later time, end the hold ` +
      `(lights-out hold --system ${system} --end ${hold.id}), or start one with force and a reason`,
  );
}
