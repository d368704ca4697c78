/** What one look at a check gave. */
export interface Look {
  green: boolean;
  /** What was seen, safe to show. */
  answer: string;
}

/** How long one look may take, in milliseconds. */
export const LOOK_MILLISECONDS = 10_000;

/** The words for a look that took too long. */
export const TOO_LATE = `no complete answer within ${LOOK_MILLISECONDS / 1000} s`;
