import { isReferencePath, problemOfExpression } from './expressions.ts';
import {
  type AslMachine,
  type AslRetrier,
  type AslRule,
  type AslState,
  scopesOf,
  targetsOf,
} from './machine.ts';
import { problemsOfData } from './state-data.ts';

/** "Maximum state machine definition size: 1 MB": https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const LARGEST_DEFINITION = 1024 * 1024;
const LONGEST_NAME = 80;

const COMPARISONS =
  /^(?:(?:String|Numeric|Timestamp)(?:Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(?:Path)?|BooleanEquals(?:Path)?|StringMatches|Is(?:Null|Present|Numeric|String|Boolean|Timestamp))$/;

/** Names that Step Functions keeps for itself: https://states-language.net/spec.html#appendix-a */
const RESERVED =
  /^States\.(ALL|HeartbeatTimeout|Timeout|TaskFailed|Permissions|ResultPathMatchFailure|ParameterPathFailure|QueryEvaluationError|BranchFailed|NoChoiceMatched|IntrinsicFailure|ExceedToleratedFailureThreshold|ItemReaderFailed|ResultWriterFailed|Runtime|DataLimitExceeded)$/;

/** What in a state machine is against https://states-language.net/spec.html or a quota, each as a sentence with the state's name. */
export function problemsOfMachine(definition: string): string[] {
  const machine = JSON.parse(definition) as AslMachine;
  const problems: string[] = [];
  if (Buffer.byteLength(definition) > LARGEST_DEFINITION)
    problems.push(
      `the definition has ${Buffer.byteLength(definition)} bytes, more than ${LARGEST_DEFINITION}`,
    );
  const seen = new Set<string>();
  for (const scope of scopesOf(machine)) {
    problems.push(...problemsOfFlow(scope));
    for (const [name, state] of Object.entries(scope.States)) {
      if (seen.has(name)) problems.push(`${name}: two states have this name`);
      seen.add(name);
      if ([...name].length > LONGEST_NAME) problems.push(`${name}: a name of more than 80 characters`);
      problems.push(...problemsOfState(state).map((problem) => `${name}: ${problem}`));
    }
  }
  return [...problems, ...problemsOfData(machine)];
}

/** Every state is reached, and leads to an end. */
function problemsOfFlow({ StartAt, States }: AslMachine): string[] {
  const names = Object.keys(States);
  const next = (name: string): string[] => {
    const state = States[name];
    return state === undefined ? [] : targetsOf(state);
  };
  const reached = closure([StartAt], next);
  const ends = names.filter((name) => {
    const state = States[name];
    return state?.End === true || state?.Type === 'Succeed' || state?.Type === 'Fail';
  });
  const ending = closure(ends, (name) => names.filter((other) => next(other).includes(name)));
  return [
    ...[...reached]
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: a state that is not there`),
    ...names.filter((name) => !reached.has(name)).map((name) => `${name}: no path leads there`),
    ...names.filter((name) => !ending.has(name)).map((name) => `${name}: no path leads from there to an end`),
  ];
}

function closure(start: string[], next: (name: string) => string[]): Set<string> {
  const found = new Set(start);
  for (const name of found) for (const other of next(name)) found.add(other);
  return found;
}

function problemsOfState(state: AslState): string[] {
  const { Type, TimeoutSeconds, HeartbeatSeconds, Default, Choices, ResultPath } = state;
  const problems: string[] = [];
  // "If provided, the HeartbeatSeconds interval MUST be smaller than the TimeoutSeconds value": https://states-language.net/spec.html#task-state
  if (HeartbeatSeconds !== undefined && HeartbeatSeconds >= (TimeoutSeconds ?? 60))
    problems.push(
      `HeartbeatSeconds ${HeartbeatSeconds} is not smaller than TimeoutSeconds ${TimeoutSeconds ?? 60}`,
    );
  if (Type === 'Choice' && Default === undefined) problems.push('has no Default: States.NoChoiceMatched');
  for (const key of [
    'InputPath',
    'OutputPath',
    'ItemsPath',
    'SecondsPath',
    'ErrorPath',
    'CausePath',
  ] as const) {
    const path = state[key];
    if (path !== undefined && path !== null && !isReferencePath(path))
      problems.push(`${key} "${path}" is no path`);
  }
  if (
    ResultPath !== undefined &&
    ResultPath !== null &&
    (!isReferencePath(ResultPath) || ResultPath.startsWith('$$'))
  )
    problems.push(`ResultPath "${ResultPath}" is no path of the state's data`);
  for (const key of ['Parameters', 'ItemSelector', 'ResultSelector', 'ItemReader'] as const)
    problems.push(...problemsOfTemplate(state[key], key));
  problems.push(...(Choices ?? []).flatMap((rule) => problemsOfRule(rule, true)));
  problems.push(
    ...problemsOfErrors(state.Retry ?? [], 'Retry'),
    ...problemsOfErrors(state.Catch ?? [], 'Catch'),
  );
  problems.push(...(state.Retry ?? []).flatMap(problemsOfRetrier));
  for (const { ResultPath: path } of state.Catch ?? [])
    if (path !== undefined && path !== null && !isReferencePath(path))
      problems.push(`Catch: "${path}" is no path`);
  return problems;
}

/** A payload template: each key that ends in `.$` names a path or a function, and none stands beside its literal twin. */
function problemsOfTemplate(value: unknown, where: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => problemsOfTemplate(each, `${where}[${index}]`));
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && /^\$(\.|\[|\$\.)/.test(value)
      ? [`${where} is the text "${value}", as its key does not end in ".$"`]
      : [];
  }
  return Object.entries(value).flatMap(([key, each]) => {
    if (!key.endsWith('.$')) return problemsOfTemplate(each, `${where}.${key}`);
    const problem = problemOfExpression(each);
    return [
      ...(problem === undefined ? [] : [`${where}.${key}: ${problem}`]),
      ...(key.slice(0, -2) in value ? [`${where}.${key} stands beside ${key.slice(0, -2)}`] : []),
    ];
  });
}

function problemsOfRule(rule: AslRule, isTop: boolean): string[] {
  const { Next, Variable, And, Or, Not, Comment: _comment, ...comparisons } = rule;
  const problems: string[] = [];
  if ((Next !== undefined) !== isTop)
    problems.push(`a rule ${isTop ? 'without' : 'inside another with'} Next`);
  const inner = [...(And ?? []), ...(Or ?? []), ...(Not === undefined ? [] : [Not])];
  const known = Object.keys(comparisons);
  if (And?.length === 0 || Or?.length === 0) problems.push('And or Or of nothing');
  if (known.length + [And, Or, Not].filter((each) => each !== undefined).length !== 1)
    problems.push(`a rule compares ${known.length} times: ${known.join(', ')}`);
  for (const key of known) if (!COMPARISONS.test(key)) problems.push(`the comparison ${key} is not known`);
  if (known.length > 0 && !isReferencePath(Variable)) problems.push(`Variable "${Variable}" is no path`);
  return [...problems, ...inner.flatMap((each) => problemsOfRule(each, false))];
}

/** "States.ALL … MUST appear alone … and MUST appear in the last": https://states-language.net/spec.html#errors */
function problemsOfErrors(rules: { ErrorEquals: string[] }[], where: string): string[] {
  const problems: string[] = [];
  const earlier = new Set<string>();
  rules.forEach(({ ErrorEquals }, index) => {
    if (ErrorEquals.length === 0) problems.push(`${where}: ErrorEquals is empty`);
    if (ErrorEquals.includes('States.ALL') && ErrorEquals.length > 1)
      problems.push(`${where}: States.ALL is not alone`);
    if (ErrorEquals.includes('States.ALL') && index < rules.length - 1)
      problems.push(`${where}: States.ALL is not the last`);
    for (const name of ErrorEquals) {
      if (earlier.has(name)) problems.push(`${where}: ${name} is named twice, and only the first counts`);
      earlier.add(name);
      if (name.startsWith('States.') && !RESERVED.test(name)) problems.push(`${where}: ${name} is not known`);
    }
  });
  return problems;
}

/** https://states-language.net/spec.html#retrying-after-error */
function problemsOfRetrier({
  IntervalSeconds = 1,
  MaxAttempts = 3,
  MaxDelaySeconds,
  BackoffRate = 2,
}: AslRetrier): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(IntervalSeconds) || IntervalSeconds < 1)
    problems.push(`IntervalSeconds ${IntervalSeconds}`);
  if (!Number.isInteger(MaxAttempts) || MaxAttempts < 0 || MaxAttempts > 99_999_999)
    problems.push(`MaxAttempts ${MaxAttempts}`);
  if (BackoffRate < 1) problems.push(`BackoffRate ${BackoffRate}`);
  if (MaxDelaySeconds !== undefined && (MaxDelaySeconds <= IntervalSeconds || MaxDelaySeconds > 31_622_400))
    problems.push(`MaxDelaySeconds ${MaxDelaySeconds}`);
  return problems.map((problem) => `Retry: ${problem} is out of range`);
}
