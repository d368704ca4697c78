import type { z } from 'zod';
import { ErrorName, LightsOutError, messageOf } from '../functions/shared/contract/errors.ts';
import { type Fault, ServiceFault, WorldFault } from './faults.ts';
import type { Caller, ServiceName } from './operation.ts';
import { serviceModel } from './protocol/model.ts';

export type FaultKind = ServiceFault['kind'];

/**
 * How long a slow answer is held back: longer than the functions' request timeout of 10 s (`functions/shared/aws/clients.ts`).
 * Milliseconds of real time, since the SDK's timeout is real too.
 */
const SLOW_MILLISECONDS = 11_000;

interface Options {
  /** Ends the calling function, as Lambda would by its timeout. Default: nothing but the lost connection. */
  kill?: (caller: Caller) => void;
  /** Default 11 000. */
  slowMilliseconds?: number;
}

/** Counts the calls of every operation and says which of them a fault hits. World faults are left to the world. */
export class FaultInjector {
  readonly slowMilliseconds: number;
  readonly #faults: ServiceFault[];
  readonly #calls = new Map<string, number>();
  readonly #kill: (caller: Caller) => void;

  constructor(faults: readonly Fault[] = [], options: Options = {}) {
    this.#faults = faults.filter((fault): fault is ServiceFault => 'service' in fault);
    this.slowMilliseconds = options.slowMilliseconds ?? SLOW_MILLISECONDS;
    this.#kill = options.kill ?? (() => undefined);
  }

  /** Counts one call and answers the fault that hits it, the first of the list when several do. */
  next(service: ServiceName, operation: string): FaultKind | undefined {
    const key = `${service}.${operation}`;
    const count = (this.#calls.get(key) ?? 0) + 1;
    this.#calls.set(key, count);
    return this.#faults.find(
      (fault) =>
        fault.service === service &&
        fault.operation === operation &&
        count >= fault.nth &&
        count < fault.nth + fault.times,
    )?.kind;
  }

  /** Faults whose call never came: a rehearsal says so, since a fault that did not happen tested nothing. */
  unused(): ServiceFault[] {
    return this.#faults.filter(
      ({ service, operation, nth }) => (this.#calls.get(`${service}.${operation}`) ?? 0) < nth,
    );
  }

  /** Ends the function that called. */
  kill(caller: Caller): void {
    this.#kill(caller);
  }
}

/**
 * Reads the JSON of `--faults`.
 *
 * @throws LightsOutError `InvalidInput`: one line that names the entry, its field and what is expected there.
 */
export function parseFaults(text: string): Fault[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw refuse(`not JSON (${messageOf(error)}); expected a list such as [{"world":"snapshot-fails"}]`);
  }
  if (!Array.isArray(entries)) {
    throw refuse('expected a list such as [{"world":"snapshot-fails"}]');
  }
  return entries.map((entry, index) => parseFault(entry, index));
}

function parseFault(entry: unknown, index: number): Fault {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw refuse(`[${index}] expected an object with "service" or "world"`);
  }
  // A fault of the world may name one of the CRM's services, so "world" decides.
  const isWorld = 'world' in entry;
  const isService = !isWorld && 'service' in entry;
  if (isService === isWorld) {
    throw refuse(
      `[${index}] expected either "service" (a fault of one call) or "world" (one of ${worldNames().join(', ')})`,
    );
  }
  if (isService) {
    const fault = ServiceFault.safeParse(entry);
    if (!fault.success) throw refuse(`[${index}]${issueText(fault.error, isService)}`);
    checkOperation(fault.data, index);
    return fault.data;
  }
  const fault = WorldFault.safeParse(entry);
  if (!fault.success) throw refuse(`[${index}]${issueText(fault.error, isService)}`);
  return fault.data;
}

function checkOperation({ service, operation }: ServiceFault, index: number): void {
  const { operations } = serviceModel(service);
  if (operations.has(operation)) return;
  const similar = [...operations.keys()].filter(
    (name) => name.toLowerCase() === operation.toLowerCase() || name.startsWith(operation),
  );
  const hint = similar.length === 0 ? '' : `; did you mean ${similar.slice(0, 3).join(' or ')}?`;
  throw refuse(
    `[${index}].operation "${operation}" is not an operation of ${service}; expected a name as the SDK spells it, such as ${exampleOf(operations.keys())}${hint}`,
  );
}

function issueText(error: z.ZodError, isService: boolean): string {
  const [issue] = error.issues;
  if (issue === undefined) return ': not a fault';
  const field = issue.path.map((part) => `.${String(part)}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return `.${issue.keys[0]} is not known; expected ${fieldNames(isService).join(', ')}`;
  }
  if (!isService && field === '.world') return `.world expected one of ${worldNames().join(', ')}`;
  if (issue.code === 'invalid_value') return `${field} expected one of ${issue.values.join(', ')}`;
  return `${field} ${issue.message}`;
}

function fieldNames(isService: boolean): string[] {
  if (isService) return Object.keys(ServiceFault.shape);
  return [...new Set(WorldFault.options.flatMap((option) => Object.keys(option.shape)))];
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
