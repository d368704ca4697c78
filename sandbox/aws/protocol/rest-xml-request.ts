import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../operation.ts';
import { readObjectBody } from './aws-chunked.ts';
import type { WireRequest } from './message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { requiredMembers } from './model.ts';
import { expectedKind, Problems } from './problem.ts';
import { parseScalar, REST_SETTINGS } from './scalar.ts';

/** What the path of a path-style S3 request names. */
interface Target {
  bucket: string | undefined;
  key: string | undefined;
}

/** Parameters of the query string that belong to no operation: the SDK's own hint and pre-signed requests' parts. */
const PROTOCOL_PARAMETERS = /^(x-id|X-Amz-.*)$/i;

/**
 * Finds the operation a REST-XML request means and reads its input from path, query string, headers and body.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html. S3 only: the bucket is the path's first segment,
 * as the SDK sends it to an endpoint that is an IP address.
 *
 * @throws AwsError when no operation matches, or the body is not what its headers say.
 */
export function readRestRequest(
  model: ServiceModel,
  request: WireRequest,
): { operation: OperationModel; input: Record<string, unknown>; problems: Problems } {
  const target = targetOf(request.path);
  const operation = findOperation(model, request, target);
  if (operation === undefined) {
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  }
  const problems = new Problems();
  const input = readMembers(operation, request, target, problems);
  return { operation, input, problems };
}

function targetOf(path: string): Target {
  const [bucket = '', ...rest] = path.replace(/^\//, '').split('/');
  const key = rest.join('/');
  return {
    bucket: bucket === '' ? undefined : decode(bucket),
    key: key === '' ? undefined : decode(key),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
    throw error;
  }
}

/** Of all operations that could be meant, the one whose template says most about this request. */
function findOperation(
  model: ServiceModel,
  request: WireRequest,
  target: Target,
): OperationModel | undefined {
  let best: { operation: OperationModel; score: number } | undefined;
  for (const operation of model.operations.values()) {
    const score = matchScore(operation, request, target);
    if (score !== undefined && (best === undefined || score > best.score)) best = { operation, score };
  }
  return best?.operation;
}

function matchScore(operation: OperationModel, request: WireRequest, target: Target): number | undefined {
  if (operation.http === undefined || operation.http.method !== request.method) return undefined;
  const [path = '', fixed = ''] = operation.http.template.split('?');
  if ((target.key !== undefined) !== path.includes('{Key+}')) return undefined;
  if (path !== '/' && path !== '/{Key+}') return undefined;
  const members = operation.input.isStructSchema() ? operation.input.getMemberSchemas() : {};
  if ((target.bucket !== undefined) !== (members['Bucket'] !== undefined)) return undefined;
  let score = 0;
  for (const [name, value] of new URLSearchParams(fixed)) {
    const sent = request.query.get(name);
    // `x-id` is a hint that only SDKs send; every other fixed parameter is part of the operation's name.
    if (name === 'x-id' ? sent !== null && sent !== value : sent !== value) return undefined;
    if (sent !== null) score += 1;
  }
  for (const name of requiredMembers(operation.input)) {
    const traits = members[name]?.getMergedTraits() ?? {};
    if (traits.httpQuery !== undefined && !request.query.has(traits.httpQuery)) return undefined;
    if (traits.httpHeader !== undefined && request.headers[traits.httpHeader.toLowerCase()] === undefined) {
      return undefined;
    }
    if (traits.httpQuery !== undefined || traits.httpHeader !== undefined) score += 1;
  }
  return score;
}

function readMembers(
  operation: OperationModel,
  request: WireRequest,
  target: Target,
  problems: Problems,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (!operation.input.isStructSchema()) return input;
  const fixed = new URLSearchParams(operation.http?.template.split('?')[1] ?? '');
  const known = new Set(fixed.keys());
  const body = readObjectBody(request);
  for (const [name, member] of operation.input.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) {
      const label = name === 'Bucket' ? target.bucket : target.key;
      if (label !== undefined) input[name] = label;
    } else if (traits.httpQuery !== undefined) {
      known.add(traits.httpQuery);
      const value = request.query.get(traits.httpQuery);
      if (value !== null) input[name] = readText(member, value, name, problems);
    } else if (traits.httpHeader !== undefined) {
      const value = body.headers[traits.httpHeader.toLowerCase()];
      if (value !== undefined) input[name] = readText(member, value, name, problems);
    } else if (traits.httpPrefixHeaders !== undefined) {
      input[name] = prefixed(body.headers, traits.httpPrefixHeaders.toLowerCase());
    } else if (traits.httpPayload) {
      const value = readPayload(member, body.bytes);
      if (value !== undefined) input[name] = value;
    }
  }
  for (const name of request.query.keys()) {
    if (!known.has(name) && !PROTOCOL_PARAMETERS.test(name)) problems.unknown([name]);
  }
  return input;
}

function readText(schema: NormalizedSchema, text: string, name: string, problems: Problems): unknown {
  if (schema.isListSchema()) {
    return text.split(',').map((item) => readText(schema.getValueSchema(), item.trim(), name, problems));
  }
  const value = parseScalar(schema, text, REST_SETTINGS);
  if (value === undefined) problems.type([name], expectedKind(schema), `"${text.slice(0, 40)}"`);
  return value;
}

function readPayload(schema: NormalizedSchema, bytes: Buffer): unknown {
  if (schema.isBlobSchema()) return bytes;
  if (schema.isStringSchema()) return bytes.toString('utf8');
  if (bytes.length === 0) return undefined;
  try {
    return new XmlShapeDeserializer({ ...REST_SETTINGS, serviceNamespace: '', xmlNamespace: '' }).read(
      schema,
      bytes,
    );
  } catch (error) {
    throw new AwsError(
      'MalformedXML',
      `The XML you provided was not well-formed or did not validate against our published schema (${String(error)})`,
    );
  }
}

function prefixed(headers: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
