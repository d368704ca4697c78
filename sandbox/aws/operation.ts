import type { SimulatedClock } from '../play/clock.ts';

/**
 * One AWS operation of the sandbox: a typed function over the world. The protocol layer has already checked the input
 * against the SDK's own schema (unknown and missing parameters are refused there), so `run` sees only valid shapes.
 */
export interface Operation<Input, Output> {
  /** ARNs the call acts on, for `calls.jsonl` and for the check of the caller's IAM policy. `['*']` where AWS knows no resource. */
  resources(input: Input): string[];
  /** IAM actions the caller needs, where they are not just `service:Operation` (S3's `ListObjectsV2` is `s3:ListBucket`). */
  actions?(input: Input): string[];
  /** Tags that a policy's `aws:ResourceTag/…` condition is held against. */
  resourceTags?(input: Input): Record<string, string>;
  /** The same where a call acts on several resources that differ: tags by ARN. */
  tagsOf?(input: Input): Record<string, Record<string, string>>;
  run(input: Input, context: OperationContext): Output | Promise<Output>;
}

export interface OperationContext {
  clock: SimulatedClock;
  caller: Caller;
}

/** Who signed the request: a function of the template (by its access key), or the person at the keyboard. */
export interface Caller {
  /** Step name of the function, e.g. `snapshot`; `operator` for a person. */
  function: string;
  /** Role's ARN. */
  principal: string;
}

/** The operations of one service by name (`CreateDBSnapshot`). What is missing is answered as AWS answers an unknown action. */
// biome-ignore lint/suspicious/noExplicitAny: each operation has its own input and output; the map erases them at this one seam
export type ServiceOperations = Record<string, Operation<any, any>>;

/** An error as AWS words it; the protocol layer renders it in the service's own form. */
export class AwsError extends Error {
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** Services of the sandbox, by the name under which `calls.jsonl` and `--faults` know them. */
export type ServiceName = 'rds' | 'ec2' | 'ssm' | 'ses' | 's3' | 'secretsmanager' | 'states' | 'sts' | 'kms';
