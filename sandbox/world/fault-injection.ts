import type { z } from 'zod';
import { ErrorName, LightsOutError } from '../../functions/contract/errors.ts';
import { didYouMean } from '../../functions/contract/nearest.ts';
import { describeIssues, foundValue } from '../../functions/contract/wording.ts';
import type { Caller, ServiceName } from '../aws/operation.ts';
import { serviceModel } from '../aws/protocol/model.ts';
import { parseJson } from '../written-json.ts';
import {
  ConnectionFault,
  type Fault,
  FunctionFault,
  type InvocationFault,
  ServiceFault,
  type Stop,
  WorldFault,
} from './faults.ts';

export type FaultKind = ServiceFault['kind'];

/** Which fault hits a call, and what stops with the function that made it. */
export type Hit = Pick<ServiceFault, 'kind' | 'when'> & { stop?: Stop };

/**
 * How long a slow answer is held back: longer than the functions' request timeout of 10 s (`functions/runtime/clients.ts`).
 * Milliseconds of real time, since the SDK's timeout is real too.
 */
const SLOW_MILLISECONDS = 11_000;

interface Options {
  /** Ends the calling function, by a kill or as Lambda would by its timeout. Default: nothing but the lost connection. */
  kill?: (caller: Caller, how: 'killed' | 'timed-out') => void;
  /** Lets so much time pass at once for the caller's time-outs, in milliseconds. Default: the time really passes. */
  pass?: ((caller: Caller, milliseconds: number) => void) | undefined;
  /** Stops everything of the run. Default: nothing. */
  stop?: (stop: Stop) => void;
  /** Default 11 000. */
  slowMilliseconds?: number;
  /** Simulated time, in milliseconds. Default: none is noted. */
  now?: () => number;
}

/** One invocation of a step's function. */
export interface Invoked {
  function: string;
  /** Simulated time, in milliseconds since the epoch. */
  at: number;
}

/** Counts the calls of every operation and the invocations of every function, and says which of them a fault hits. */
export class FaultInjector {
  readonly slowMilliseconds: number;
  /** In order, without those of a pause. */
  readonly invoked: Invoked[] = [];
  readonly #faults: Fault[];
  readonly #counts = new Map<string, number>();
  readonly #met = new Set<Fault>();
  #isLifted = false;
  #isPaused = false;
  readonly #options: Options;

  constructor(faults: readonly Fault[] = [], options: Options = {}) {
    this.#faults = [...faults];
    this.#options = options;
    this.slowMilliseconds = options.slowMilliseconds ?? SLOW_MILLISECONDS;
  }

  /** Counts one call and answers the fault that hits it, the first of the list when several do. */
  next(service: ServiceName, operation: string, caller = ''): Hit | undefined {
    if (this.#isPaused) return undefined;
    const anybody = this.#count(`${service}.${operation}`);
    const own = this.#count(`${service}.${operation} by ${caller}`);
    const stop = this.#nextStop(caller);
    if (stop !== undefined) return { kind: 'kill-function', when: stop.when, stop };
    return this.#meet(
      (fault): fault is ServiceFault =>
        'service' in fault &&
        !('world' in fault) &&
        fault.service === service &&
        fault.operation === operation &&
        (fault.function === undefined || fault.function === caller) &&
        isDue(fault, fault.function === undefined ? anybody : own),
    );
  }

  /** Counts one call of any function: what the person at the keyboard asks for is none. */
  #nextStop(caller: string): Stop | undefined {
    if (caller === 'operator') return undefined;
    const count = this.#count('call of a function');
    return this.#meet(
      (fault): fault is Stop =>
        'world' in fault && fault.world === 'everything-stops' && fault.call === count,
    );
  }

  /** Counts one invocation of a step's function and answers the fault that hits it. */
  nextInvocation(step: string): InvocationFault | undefined {
    if (this.#isPaused) return undefined;
    this.invoked.push({ function: step, at: this.#options.now?.() ?? 0 });
    const count = this.#count(`invocation of ${step}`);
    return this.#meet(
      (fault): fault is FunctionFault =>
        'invocation' in fault && fault.invocation === step && isDue(fault, count),
    )?.kind;
  }

  /** Counts one connection of a step's function to a server and answers the fault that hits it. */
  nextConnection(step: string, on: 'source' | 'copy'): ConnectionFault | undefined {
    if (this.#isPaused) return undefined;
    const counts = new Map<string, number>();
    for (const who of new Set([step, '']))
      for (const where of [on, ''])
        counts.set(`${who} ${where}`, this.#count(`connection of ${who} to ${where}`));
    return this.#meet(
      (fault): fault is ConnectionFault =>
        'database' in fault && isDue(fault, counts.get(`${fault.function ?? ''} ${fault.on ?? ''}`) ?? 0),
    );
  }

  /** From now on nothing goes wrong any more. */
  lift(): void {
    this.#isLifted = true;
  }

  /** No fault strikes until the answer is called, and nothing is counted or noted: what comes then is the first. */
  pause(): () => void {
    this.#isPaused = true;
    return () => {
      this.#isPaused = false;
    };
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isLifted(): boolean {
    return this.#isLifted || this.#isPaused;
  }

  /** A fault of the world took place. */
  happened(world: WorldFault['world']): void {
    for (const fault of this.#faults) if ('world' in fault && fault.world === world) this.#met.add(fault);
  }

  /** A fault whose call came, but could not be what it should: a read that nothing was written before is not stale. */
  missed(hit: Hit): void {
    this.#met.delete(hit as Fault);
  }

  /** Faults that never happened: a rehearsal says so, since they tested nothing. */
  unused(): Fault[] {
    return this.#faults.filter((fault) => !this.#met.has(fault));
  }

  /** Ends the function that called, and everything else where the fault says so. */
  kill(caller: Caller, { kind, stop }: Hit): void {
    if (stop === undefined) this.#options.kill?.(caller, kind === 'kill-function' ? 'killed' : 'timed-out');
    else this.#options.stop?.(stop);
  }

  /** Lets time pass for the caller's time-outs; false when it has to pass in reality. */
  pass(caller: Caller): boolean {
    this.#options.pass?.(caller, this.slowMilliseconds);
    return this.#options.pass !== undefined;
  }

  #count(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  #meet<Kind extends Fault>(isHit: (fault: Fault) => fault is Kind): Kind | undefined {
    const fault = this.isLifted ? undefined : this.#faults.find(isHit);
    if (fault !== undefined) this.#met.add(fault);
    return fault;
  }
}

function isDue({ nth, times }: { nth: number; times: number }, count: number): boolean {
  return count >= nth && count < nth + times;
}

/**
 * Reads the JSON of `--faults`.
 *
 * @throws BadInputError for what is not JSON, LightsOutError `InvalidInput` for the rest: one line that names the entry, its field and what is expected there.
 */
export function parseFaults(text: string): Fault[] {
  const entries = parseJson('--faults', text, 'expected a list such as [{"world":"snapshot-fails"}]');
  if (!Array.isArray(entries)) {
    throw refuse('expected a list such as [{"world":"snapshot-fails"}]');
  }
  return entries.map((entry, index) => parseFault(entry, index));
}

type Family = 'service' | 'invocation' | 'database' | 'world';
const SCHEMAS = {
  service: ServiceFault,
  invocation: FunctionFault,
  database: ConnectionFault,
  world: WorldFault,
} as const;

function parseFault(entry: unknown, index: number): Fault {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw refuse(`[${index}] expected an object with "service", "invocation", "database" or "world"`);
  }
  // A fault of the world may name one of the CRM's services, so "world" decides.
  const family = (['world', 'invocation', 'database', 'service'] as const).find((name) => name in entry);
  if (family === undefined) {
    throw refuse(
      `[${index}] expected either "service" (a fault of one call), "invocation" (of a function), "database" (of a connection) or "world" (one of ${worldNames().join(', ')})`,
    );
  }
  const parsed = SCHEMAS[family].safeParse(entry);
  if (!parsed.success) throw refuse(issueText(parsed.error, family, entry, index));
  const fault: Fault = parsed.data;
  if ('kind' in fault && 'operation' in fault) checkCall(fault, index);
  if ('world' in fault && fault.world === 'rate-limit') checkOperation(fault, index);
  if ('database' in fault) checkConnection(fault, index);
  return fault;
}

function checkCall(fault: ServiceFault, index: number): void {
  checkOperation(fault, index);
  const { kind, when, operation } = fault;
  if (when !== undefined && kind !== 'kill-function' && kind !== 'time-out-function') {
    throw refuse(`[${index}].when is of kill-function and time-out-function; "${kind}" has none`);
  }
  if (kind === 'stale' && !READ.test(operation)) {
    throw refuse(
      `[${index}].kind "stale" is of a read; ${operation} is none, expected a Describe or Get operation`,
    );
  }
}

function checkConnection({ kind, query }: ConnectionFault, index: number): void {
  if (query === undefined || kind === 'hangs' || (kind === 'cut' && query > 0)) return;
  throw refuse(
    kind === 'cut'
      ? `[${index}].query of "cut" expected 1 or more; a connection that is not even made is "refused"`
      : `[${index}].query is of cut and hangs; "${kind}" has none`,
  );
}

/** Operations that change nothing. */
export const READ = /^(Describe|Get|List|Head)/;

function checkOperation(
  { service, operation }: { service: ServiceName; operation?: string | undefined },
  index: number,
): void {
  const { operations } = serviceModel(service);
  if (operation === undefined || operations.has(operation)) return;
  const similar = [...operations.keys()].filter(
    (name) => name.toLowerCase() === operation.toLowerCase() || name.startsWith(operation),
  );
  const hint =
    similar.length === 0
      ? didYouMean(operation, [...operations.keys()])
      : `; did you mean ${similar.slice(0, 3).join(' or ')}?`;
  throw refuse(
    `[${index}].operation "${operation}" is not an operation of ${service}; expected a name as the SDK spells it, such as ${exampleOf(operations.keys())}${hint}`,
  );
}

function issueText(error: z.ZodError, family: Family, entry: object, index: number): string {
  const [issue] = error.issues;
  if (family === 'world' && issue?.code === 'invalid_union' && issue.path.join('.') === 'world') {
    const found = (entry as { world?: unknown }).world;
    const hint = typeof found === 'string' ? didYouMean(found, worldNames()) : '';
    return `[${index}].world expected one of ${worldNames().join(', ')}; found ${foundValue(found)}${hint}`;
  }
  return describeIssues(error, `[${index}]`, entry).join('; ');
}

function worldNames(): string[] {
  return WorldFault.options.flatMap((option) => [...option.shape.world.values]);
}

function exampleOf(names: Iterable<string>): string {
  for (const name of names) if (/^(Describe|Get|Send|Start)/.test(name)) return name;
  return 'DescribeDBInstances';
}

function refuse(problem: string): LightsOutError {
  return new LightsOutError(
    ErrorName.InvalidInput,
    `--faults${problem.startsWith('[') ? '' : ': '}${problem}`,
  );
}
