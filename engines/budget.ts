/** How long one call reads before it stores its results and asks to be called again: 10 of Lambda's 15 minutes. */
export const WORK_BUDGET_MILLISECONDS = 10 * 60_000;

/**
 * How long a statement may run, in seconds. A statement that begins at the end of the budget has 5 of the function's 15 minutes left,
 * and one of them is for the report.
 */
export const STATEMENT_TIMEOUT_SECONDS = 4 * 60;
