/** The kind of a run. Each kind has a state machine of its own. */
export type RunKind = 'shutdown' | 'startup';

/** The end of each state machine's name: `LightsOut-crm-Startup`. */
export const MACHINE_SUFFIX: Record<RunKind, string> = { shutdown: 'Shutdown', startup: 'Startup' };

/** The kind of a run, by the ARN of its execution: `arn:aws:states:<region>:<account>:execution:<machine>:<name>`. */
export function kindOfExecution(executionArn: string): RunKind {
  const machine = executionArn.split(':')[6] ?? '';
  return machine.endsWith(`-${MACHINE_SUFFIX.startup}`) ? 'startup' : 'shutdown';
}
