const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long the operations take, in milliseconds of simulated time: a small instance, some tens of GiB. */
export const DURATIONS = {
  /** A status that was just changed still reads as before. */
  eventualConsistency: 5 * SECOND,
  snapshot: 7 * MINUTE,
  restore: 14 * MINUTE,
  /** The cluster alone; then its first instance. */
  restoreCluster: 9 * MINUTE,
  createMember: 6 * MINUTE,
  delete: 3 * MINUTE,
  deleteCluster: 2 * MINUTE,
  stop: 5 * MINUTE,
  start: 6 * MINUTE,
  maintenance: 8 * MINUTE,
} as const;

/** When the source's files are copied, as a part of the snapshot's time. */
export const COPIED_AT = 0.5;
