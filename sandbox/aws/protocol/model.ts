import { createRequire } from 'node:module';
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef, ShapeSerializer } from '@smithy/types';
import type { ServiceName } from '../operation.ts';

/** One operation of a service, as the SDK's schemas describe it. */
export interface OperationModel {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** REST only: method, path template with its fixed query parameters, and the status of success. */
  http?: { method: string; template: string; status: number };
}

/** One modelled error of a service. */
interface ErrorModel {
  /** Name of the SDK's class, e.g. `DBInstanceNotFoundFault`. */
  shape: string;
  /** What goes over the wire, e.g. `DBInstanceNotFound`. */
  code: string;
  /** Undefined where the model names none (S3's `NotFound`): then the operation's own counts. */
  status: number | undefined;
  schema: NormalizedSchema;
}

type ProtocolName = 'awsQuery' | 'ec2Query' | 'awsJson1_0' | 'awsJson1_1' | 'restXml';

/** A service: its protocol and its shapes, taken from the installed SDK client. No shape is written by hand. */
export interface ServiceModel {
  service: ServiceName;
  protocol: ProtocolName;
  apiVersion: string;
  xmlNamespace: string;
  /** Prefix of `X-Amz-Target` in the JSON protocols. */
  target: string;
  operations: ReadonlyMap<string, OperationModel>;
  /** Finds a modelled error by the SDK's class name or by its wire code. */
  findError(name: string): ErrorModel | undefined;
  /** Serializer of JSON bodies; JSON protocols only. */
  createJsonSerializer(): ShapeSerializer<string | Uint8Array>;
}

/** The SDK package of each service and its client class. */
const PACKAGES: Partial<Record<ServiceName, readonly [module: string, client: string]>> = {
  rds: ['@aws-sdk/client-rds', 'RDSClient'],
  ec2: ['@aws-sdk/client-ec2', 'EC2Client'],
  ssm: ['@aws-sdk/client-ssm', 'SSMClient'],
  ses: ['@aws-sdk/client-ses', 'SESClient'],
  s3: ['@aws-sdk/client-s3', 'S3Client'],
  secretsmanager: ['@aws-sdk/client-secrets-manager', 'SecretsManagerClient'],
  states: ['@aws-sdk/client-sfn', 'SFNClient'],
  kms: ['@aws-sdk/client-kms', 'KMSClient'],
};

const PROTOCOLS = new Set<string>(['awsQuery', 'ec2Query', 'awsJson1_0', 'awsJson1_1', 'restXml']);

/** First element of a schema: what it describes (https://smithy.io/2.0/spec/model.html, encoded by the SDK). */
const OPERATION = 9;
const ERROR = -3;

type SdkModule = Record<string, unknown>;
type StaticShape = [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]];

interface ClientProtocol {
  getShapeId(): string;
  getPayloadCodec(): { createSerializer(): ShapeSerializer<string | Uint8Array> };
}

interface ClientConfig {
  protocol: ClientProtocol;
  protocolSettings: { version: string; xmlNamespace?: string; serviceTarget: string };
}

type ClientClass = new (options: {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}) => { config: ClientConfig };

const models = new Map<ServiceName, ServiceModel>();
const requireModule = createRequire(import.meta.url);

/** True when an SDK client of this service is installed, so that the sandbox can speak for it. */
export function hasModel(service: ServiceName): boolean {
  return PACKAGES[service] !== undefined;
}

/**
 * Loads a service's model at its first use (a client's schemas are megabytes, so only what is used is read).
 *
 * @throws Error when no client of that service is installed, or when it speaks a protocol the sandbox does not know.
 */
export function serviceModel(service: ServiceName): ServiceModel {
  const known = models.get(service);
  if (known !== undefined) return known;
  const model = loadModel(service);
  models.set(service, model);
  return model;
}

function loadModel(service: ServiceName): ServiceModel {
  const entry = PACKAGES[service];
  if (entry === undefined) throw new Error(`no SDK client is installed for the service "${service}"`);
  const [moduleName, className] = entry;
  const sdk: SdkModule = requireModule(moduleName);
  // Only a client knows which protocol it was built with; it is asked, never sent.
  const Client = sdk[className] as ClientClass;
  const { config } = new Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'model', secretAccessKey: 'model' },
  });
  const protocol = config.protocol.getShapeId().split('#').pop() ?? '';
  if (!isProtocol(protocol)) {
    throw new Error(`${moduleName} speaks ${protocol}; the sandbox knows ${[...PROTOCOLS].join(', ')}`);
  }
  const shapes = Object.values(sdk).filter(isShape);
  const byName = new Map<string, ErrorModel>();
  const byCode = new Map<string, ErrorModel>();
  for (const shape of shapes.filter(([kind]) => kind === ERROR)) {
    const error = errorModel(shape, protocol);
    byName.set(error.shape, error);
    byCode.set(error.code, error);
  }
  return {
    service,
    protocol,
    apiVersion: config.protocolSettings.version,
    xmlNamespace: config.protocolSettings.xmlNamespace ?? '',
    target: config.protocolSettings.serviceTarget,
    operations: new Map(
      shapes.filter(([kind]) => kind === OPERATION).map((shape) => [shape[2], operationModel(shape)]),
    ),
    findError: (name) => byName.get(name) ?? byCode.get(name),
    createJsonSerializer: () => config.protocol.getPayloadCodec().createSerializer(),
  };
}

function operationModel([, , name, traits, input, output]: StaticShape): OperationModel {
  const http = (traits as { http?: [string, string, number] } | 0) || undefined;
  return {
    name,
    input: NormalizedSchema.of(input as SchemaRef),
    output: NormalizedSchema.of(output as SchemaRef),
    ...(http?.http === undefined
      ? {}
      : { http: { method: http.http[0], template: http.http[1], status: http.http[2] } }),
  };
}

function errorModel(shape: StaticShape, protocol: ProtocolName): ErrorModel {
  const traits = (shape[3] || {}) as {
    awsQueryError?: [code: string, status: number];
    httpError?: number;
    error?: string;
  };
  const query = protocol === 'awsQuery' ? traits.awsQueryError : undefined;
  return {
    shape: shape[2],
    code: query?.[0] ?? shape[2],
    status: query?.[1] ?? traits.httpError ?? (traits.error === 'server' ? 500 : undefined),
    schema: NormalizedSchema.of(shape as unknown as SchemaRef),
  };
}

function isShape(value: unknown): value is StaticShape {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[2] === 'string';
}

function isProtocol(name: string): name is ProtocolName {
  return PROTOCOLS.has(name);
}

/** How many of a structure's first members are required: the schema's last number. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const raw: unknown = schema.getSchema();
  if (!Array.isArray(raw)) return [];
  const [, , , , names, , count] = raw as [unknown, unknown, unknown, unknown, string[], unknown, number?];
  return count === undefined ? [] : names.slice(0, count);
}
