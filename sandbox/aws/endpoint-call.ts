import { randomUUID } from 'node:crypto';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { SimulatedClock } from '../play/clock.ts';
import { type FaultInjector, type FaultKind, type Hit, READ } from '../world/fault-injection.ts';
import type { CallLog } from './call-log.ts';
import type { CallerDirectory } from './iam/authorization.ts';
import { conditionContext } from './iam/condition-context.ts';
import {
  AwsError,
  type Caller,
  type Operation,
  type ServiceName,
  type ServiceOperations,
} from './operation.ts';
import type { WireRequest, WireResponse } from './protocol/message.ts';
import { type OperationModel, serviceModel } from './protocol/model.ts';
import { outputProblems } from './protocol/output-check.ts';
import { internalFailure, throttled, unknownAccessKey, unknownOperation } from './protocol/refusal.ts';
import { operationNameOf, parseRequest, type Signature } from './protocol/request.ts';
import { renderError, renderOutput } from './protocol/response.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ReadMemory } from './read-memory.ts';

export interface EndpointOptions {
  /** What each service can do. */
  services: Partial<Record<ServiceName, ServiceOperations>>;
  callers: CallerDirectory;
  clock: SimulatedClock;
  faults: FaultInjector;
  log: CallLog;
  /** What the account may ask for. Default: as much as it likes. */
  limits?: RateLimits | undefined;
  /** Earlier answers, where a fault may ask for them. */
  memory?: ReadMemory | undefined;
}

/** Keeps a defect of the sandbox itself: where it showed, and what it was. */
export type ReportDefect = (where: string, error: unknown) => void;

/** An answer, and what is to be done with the connection. */
export interface Handled {
  response: WireResponse;
  fault?: Hit;
  caller?: Caller;
}

/** One call from the parsed signature to the answer and its line in the log. */
export class Call {
  readonly #report: ReportDefect;
  readonly #options: EndpointOptions;
  readonly #request: WireRequest;
  readonly #signature: Signature;
  readonly #service: ServiceName;
  readonly #requestId = randomUUID();
  #operation = '';
  #schema: NormalizedSchema | undefined;
  #parameters: unknown = {};
  #resources: string[] = [];
  #fault: Hit | undefined;

  constructor(
    report: ReportDefect,
    options: EndpointOptions,
    request: WireRequest,
    signature: Signature,
    service: ServiceName,
  ) {
    this.#report = report;
    this.#options = options;
    this.#request = request;
    this.#signature = signature;
    this.#service = service;
  }

  async answer(): Promise<Handled> {
    const model = serviceModel(this.#service);
    const caller = this.#options.callers.find(this.#signature.accessKeyId);
    this.#operation = operationNameOf(this.#service, this.#request);
    let response: WireResponse;
    let outcome = 'ok';
    try {
      response = await this.#run(caller);
      if (this.#fault !== undefined && isBefore(this.#fault)) outcome = 'ConnectionReset';
    } catch (thrown) {
      const error = this.#asAwsError(thrown, caller);
      outcome = model.findError(error.code)?.shape ?? error.code;
      response = renderError(model, error, this.#requestId);
    }
    this.#options.log.append(
      {
        function: caller?.function ?? 'unknown',
        service: this.#service,
        operation: this.#operation,
        resources: this.#resources,
        parameters: this.#parameters,
        outcome,
        ...(this.#fault === undefined ? {} : { fault: faultName(this.#fault) }),
      },
      this.#schema,
    );
    return {
      response,
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
      ...(caller === undefined ? {} : { caller }),
    };
  }

  async #run(caller: Caller | undefined): Promise<WireResponse> {
    const { services, faults, clock, limits } = this.#options;
    const model = serviceModel(this.#service);
    const { operation, input } = parseRequest(this.#service, this.#request);
    this.#operation = operation.name;
    this.#schema = operation.input;
    this.#parameters = input;
    if (caller === undefined) throw unknownAccessKey(this.#service);
    const played = services[this.#service]?.[operation.name];
    if (played === undefined) {
      this.#report(
        `${this.#service} ${operation.name}`,
        new Error(`called by ${caller.function}, and the sandbox does not play it`),
      );
      throw unknownOperation(model, operation.name);
    }
    this.#authorize(played, operation.name, input, caller);
    if (limits?.take(this.#service, operation.name, input) === false) throw throttled(this.#service);
    this.#fault = faults.next(this.#service, operation.name, caller.function);
    if (this.#fault?.kind === 'throttle') throw throttled(this.#service);
    if (this.#fault?.kind === 'error') throw internalFailure(this.#service);
    if (this.#fault !== undefined && isBefore(this.#fault))
      return plainError(500, 'InternalFailure', 'never sent');
    const run = (): Promise<unknown> | unknown => played.run(input, { clock, caller });
    const output = await this.#remembering(operation.name, input, run);
    return this.#render(operation, output);
  }

  /** What reads answered before the last write of their service is kept for reads that are to be stale. */
  async #remembering(
    operation: string,
    input: unknown,
    run: () => Promise<unknown> | unknown,
  ): Promise<unknown> {
    const { faults, memory } = this.#options;
    if (memory === undefined) return await run();
    if (!READ.test(operation)) {
      await memory.beforeWrite(this.#service);
      return await run();
    }
    const stale = memory.read(this.#service, operation, input, run);
    if (this.#fault?.kind !== 'stale') return await run();
    if (stale !== undefined) return stale();
    faults.missed(this.#fault);
    return await run();
  }

  #authorize(
    // biome-ignore lint/suspicious/noExplicitAny: operations of every shape pass here, as in ServiceOperations
    played: Operation<any, any>,
    operation: string,
    input: Record<string, unknown>,
    caller: Caller,
  ): void {
    const { callers } = this.#options;
    this.#resources = played.resources(input);
    const contextWith = (resourceTags: Record<string, string>) =>
      conditionContext({
        service: this.#service,
        operation,
        region: this.#signature.region,
        caller,
        input,
        resourceTags,
      });
    const tags = played.tagsOf?.(input);
    try {
      callers.authorize(this.#signature.accessKeyId, {
        service: this.#service,
        actions: played.actions?.(input) ?? [`${this.#service}:${operation}`],
        resources: this.#resources,
        context: contextWith(played.resourceTags?.(input) ?? {}),
        ...(tags === undefined ? {} : { contextOf: (resource) => contextWith(tags[resource] ?? {}) }),
      });
    } finally {
      for (const problem of callers.problems) this.#report('authorization', new Error(problem));
    }
  }

  #render(operation: OperationModel, output: unknown): WireResponse {
    const value = (output ?? {}) as Record<string, unknown>;
    const [problem] = outputProblems(operation.output, value);
    if (problem !== undefined) throw new Error(`answered a shape AWS does not know: ${problem}`);
    return renderOutput(serviceModel(this.#service), operation, value, this.#requestId);
  }

  /** Anything an operation throws that is no AWS error is a bug of the sandbox: kept for the report, answered as a 500. */
  #asAwsError(thrown: unknown, caller: Caller | undefined): AwsError {
    if (thrown instanceof AwsError) return thrown;
    this.#report(`${this.#service} ${this.#operation} called by ${caller?.function ?? 'unknown'}`, thrown);
    return new AwsError('InternalFailure', 'an internal error of the sandbox; its report names it', 500);
  }
}

/** The connection ends before the call took effect. */
function isBefore({ kind, when }: Hit): boolean {
  return kind === 'drop-before' || (ENDS_THE_FUNCTION.has(kind) && when === 'before');
}

/** Kinds that end the calling function. */
const ENDS_THE_FUNCTION = new Set<FaultKind>(['kill-function', 'time-out-function']);

/** As `calls.jsonl` names it: `kill-function before`. */
function faultName({ kind, when, stop }: Hit): string {
  if (stop !== undefined) return `${stop.world} ${stop.when}`;
  return when === undefined ? kind : `${kind} ${when}`;
}

/** An error to a request that reached no service. */
export function plainError(status: number, code: string, message: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}
