import type { Principal } from './principal.ts';

/** A time in which the system is not shut down. */
export interface Hold {
  /** By which it is ended: `20261127T0312-1a2b`. */
  id: string;
  /** ISO 8601. Users may not be out from here on … */
  from: string;
  /** … until here. */
  until: string;
  reason: string;
  by: Pick<Principal, 'kind' | 'id' | 'name'>;
  /** When it was asked for, ISO 8601. */
  at: string;
  /** Somebody ended it before its time. */
  ended?: { at: string; by: string };
}

/** What `holds/<system>.json` holds: those that are over too, newest last. */
export interface Holds {
  holds: Hold[];
}

/** The hold in whose time users would be out, in milliseconds. Of several, the one that lasts longest: deny wins. */
export function holdOver(holds: readonly Hold[], outAt: number): Hold | undefined {
  return holds
    .filter(
      ({ from, until, ended }) =>
        ended === undefined && Date.parse(from) <= outAt && outAt < Date.parse(until),
    )
    .toSorted((one, other) => Date.parse(other.until) - Date.parse(one.until))[0];
}
