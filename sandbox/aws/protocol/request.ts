import { AwsError, type ServiceName } from '../operation.ts';
import { readJsonInput } from './json-request.ts';
import type { WireRequest } from './message.ts';
import { type OperationModel, type ServiceModel, serviceModel } from './model.ts';
import type { Problems } from './problem.ts';
import { readQueryInput } from './query-request.ts';
import { refuseInput, unknownOperation } from './refusal.ts';
import { readRestRequest } from './rest-xml-request.ts';

/** A request as a service understands it. */
export interface ParsedRequest {
  operation: OperationModel;
  input: Record<string, unknown>;
}

/** Services by the name in the signature's credential scope, where it differs from the sandbox's own. */
const SCOPE: Record<string, ServiceName> = {
  rds: 'rds',
  ec2: 'ec2',
  ssm: 'ssm',
  ses: 'ses',
  email: 'ses',
  s3: 's3',
  secretsmanager: 'secretsmanager',
  states: 'states',
  sts: 'sts',
  kms: 'kms',
};

/** Who signed a request, and for which service. */
export interface Signature {
  accessKeyId: string;
  region: string;
  /** Name in the credential scope, e.g. `email`. */
  scope: string;
  /** Undefined when the sandbox knows no such service. */
  service: ServiceName | undefined;
}

/**
 * Reads the credential scope of a Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 * The signature itself is not checked: the sandbox has no secrets.
 *
 * @returns undefined when the request is not signed.
 */
export function readSignature(headers: Record<string, string>): Signature | undefined {
  const credential = /\bCredential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1];
  if (credential === undefined) return undefined;
  const parts = credential.split('/');
  const [accessKeyId = '', , region = ''] = parts;
  const scope = parts.at(-2) ?? '';
  if (parts.length < 4 || accessKeyId === '') return undefined;
  return { accessKeyId, region, scope, service: Object.hasOwn(SCOPE, scope) ? SCOPE[scope] : undefined };
}

/**
 * Reads what a request asks of a service, and refuses as AWS does what the service's schemas do not know.
 *
 * @throws AwsError for an unknown operation, unknown or missing parameters, wrong types, a broken body.
 */
export function parseRequest(service: ServiceName, request: WireRequest): ParsedRequest {
  const model = serviceModel(service);
  const { operation, input, problems } = read(model, request);
  problems.missingIn(operation.input, input);
  if (problems.list.length > 0) throw refuseInput(model, problems.list);
  return { operation, input };
}

/** The operation's name as far as a request says it, for the log of a request that could not be parsed. */
export function operationNameOf(service: ServiceName, request: WireRequest): string {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return target.split('.').pop() ?? target;
  if (service === 's3') return request.query.get('x-id') ?? `${request.method} ${request.path}`;
  return formOf(request).get('Action') ?? '';
}

function read(
  model: ServiceModel,
  request: WireRequest,
): { operation: OperationModel; input: Record<string, unknown>; problems: Problems } {
  switch (model.protocol) {
    case 'awsQuery':
    case 'ec2Query': {
      const form = formOf(request);
      const action = form.get('Action');
      if (action === null)
        throw new AwsError('MissingAction', 'The request must contain the parameter Action');
      const operation = model.operations.get(action);
      const version = form.get('Version');
      if (operation === undefined || (version !== null && version !== model.apiVersion)) {
        throw unknownOperation(model, action);
      }
      return { operation, ...readQueryInput(operation.input, form, model.protocol) };
    }
    case 'restXml':
      return readRestRequest(model, request);
    default: {
      const target = request.headers['x-amz-target'] ?? '';
      const [prefix, name = ''] = target.split('.');
      const operation = prefix === model.target ? model.operations.get(name) : undefined;
      if (operation === undefined) throw unknownOperation(model, target);
      return { operation, ...readJsonInput(operation.input, parseJson(request.body)) };
    }
  }
}

function formOf(request: WireRequest): URLSearchParams {
  return request.method === 'GET' ? request.query : new URLSearchParams(request.body.toString('utf8'));
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new AwsError('SerializationException', 'the body is not JSON');
    throw error;
  }
}
