/** Amazon States Language as a judge reads it: every field may be missing or wrong. */
export interface AslState {
  Type: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: AslRule[];
  Retry?: AslRetrier[];
  Catch?: AslCatcher[];
  Branches?: AslMachine[];
  ItemProcessor?: AslMachine;
  TimeoutSeconds?: number;
  HeartbeatSeconds?: number;
  InputPath?: string | null;
  OutputPath?: string | null;
  ResultPath?: string | null;
  ItemsPath?: string;
  SecondsPath?: string;
  ErrorPath?: string;
  CausePath?: string;
  Parameters?: unknown;
  ItemSelector?: unknown;
  ResultSelector?: unknown;
  ItemReader?: { Parameters?: unknown };
  Result?: unknown;
}

export interface AslRule {
  Next?: string;
  Variable?: string;
  And?: AslRule[];
  Or?: AslRule[];
  Not?: AslRule;
  [comparison: string]: unknown;
}

export interface AslRetrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  MaxDelaySeconds?: number;
  BackoffRate?: number;
}

export interface AslCatcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string | null;
}

export interface AslMachine {
  StartAt: string;
  States: Record<string, AslState>;
  TimeoutSeconds?: number;
}

/** A machine, and those of its branches and iterations however deep. */
export function scopesOf(machine: AslMachine): AslMachine[] {
  const inner = Object.values(machine.States).flatMap(({ Branches = [], ItemProcessor }) => [
    ...Branches,
    ...(ItemProcessor === undefined ? [] : [ItemProcessor]),
  ]);
  return [machine, ...inner.flatMap(scopesOf)];
}

/** Every state of a machine that can be reached from one, itself among them. */
export function reachedFrom({ States }: AslMachine, first: string): Set<string> {
  const reached = new Set<string>();
  const open = [first];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...targetsOf(States[name] ?? { Type: 'none' }));
  }
  return reached;
}

export function targetsOf(state: AslState): string[] {
  return [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ].filter((name) => name !== undefined);
}
