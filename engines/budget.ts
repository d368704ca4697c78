/** How long one call reads before it stores what it has and asks to be called again: 10 of Lambda's 15 minutes. */
export const WORK_BUDGET_MILLISECONDS = 10 * 60_000;

/**
 * How long a statement may run, in seconds: what is left of the function's 15 minutes when a table is begun at the end of
 * the budget, less a minute to report it.
 */
export const STATEMENT_TIMEOUT_SECONDS = 4 * 60;
