import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { HttpInterceptingShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import type { AwsError } from '../operation.ts';
import type { WireResponse } from './message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { REST_SETTINGS, XML_SETTINGS } from './scalar.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes an operation's output as its service does. */
export function renderOutput(
  model: ServiceModel,
  operation: OperationModel,
  output: Record<string, unknown>,
  requestId: string,
): WireResponse {
  const { name } = operation;
  switch (model.protocol) {
    case 'awsQuery': {
      const result = operation.output.isUnitSchema()
        ? ''
        : writeStructure(operation.output, `${name}Result`, output);
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return xml(
        200,
        `<${name}Response xmlns="${model.xmlNamespace}">${result}${metadata}</${name}Response>`,
        requestId,
      );
    }
    case 'ec2Query': {
      const result = operation.output.isUnitSchema()
        ? '<return>true</return>'
        : unwrap(writeStructure(operation.output, 'result', output));
      return xml(
        200,
        `<${name}Response xmlns="${model.xmlNamespace}/"><requestId>${requestId}</requestId>${result}</${name}Response>`,
        requestId,
      );
    }
    case 'restXml':
      return renderRest(model, operation, output, requestId);
    default:
      return json(model, 200, jsonBody(model, operation.output, output), requestId);
  }
}

/** Writes an error as its service does; a modelled one under its wire code and with its own status. */
export function renderError(model: ServiceModel, error: AwsError, requestId: string): WireResponse {
  const modelled = model.findError(error.code);
  const code = modelled?.code ?? error.code;
  const status = modelled?.status ?? error.statusCode;
  const fault = status >= 500 ? 'Receiver' : 'Sender';
  const named = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  switch (model.protocol) {
    case 'awsQuery':
      return xml(
        status,
        `<ErrorResponse xmlns="${model.xmlNamespace}"><Error><Type>${fault}</Type>${named}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
        requestId,
      );
    case 'ec2Query':
      return xml(
        status,
        `<Response><Errors><Error>${named}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
        requestId,
      );
    case 'restXml':
      return xml(status, `<Error>${named}<RequestId>${requestId}</RequestId></Error>`, requestId);
    default: {
      const capital = modelled?.schema.getMemberSchemas()['Message'] !== undefined;
      const body = { __type: code, [capital ? 'Message' : 'message']: error.message };
      return json(model, status, JSON.stringify(body), requestId);
    }
  }
}

function renderRest(
  model: ServiceModel,
  operation: OperationModel,
  output: Record<string, unknown>,
  requestId: string,
): WireResponse {
  const headers: Record<string, string> = { 'x-amz-request-id': requestId };
  let body: string | Uint8Array = '';
  const inBody: string[] = [];
  const serializer = new HttpInterceptingShapeSerializer(xmlSerializer(), REST_SETTINGS);
  const members = operation.output.isStructSchema() ? [...operation.output.structIterator()] : [];
  for (const [name, member] of members) {
    const traits = member.getMergedTraits();
    const bound = traits.httpHeader ?? traits.httpPrefixHeaders ?? traits.httpPayload;
    if (bound === undefined) inBody.push(name);
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (traits.httpHeader !== undefined) {
      serializer.write(member, value);
      headers[traits.httpHeader.toLowerCase()] = String(serializer.flush());
    } else if (traits.httpPrefixHeaders !== undefined) {
      for (const [key, text] of Object.entries(value as Record<string, string>)) {
        headers[traits.httpPrefixHeaders.toLowerCase() + key.toLowerCase()] = text;
      }
    } else if (traits.httpPayload) {
      body = member.isStructSchema()
        ? DECLARATION + writeStructure(member, payloadName(member), value, model.xmlNamespace)
        : (value as string | Uint8Array);
    }
  }
  if (inBody.length > 0) {
    const name = operation.output.getMergedTraits().xmlName ?? `${operation.name}Result`;
    const part = Object.fromEntries(inBody.map((member) => [member, output[member]]));
    body = DECLARATION + writeStructure(operation.output, name, part, model.xmlNamespace);
    headers['content-type'] = 'application/xml';
  }
  return { status: operation.http?.status ?? 200, headers, body };
}

function payloadName(member: NormalizedSchema): string {
  return member.getMergedTraits().xmlName ?? member.getName() ?? member.getMemberName();
}

function jsonBody(
  model: ServiceModel,
  schema: NormalizedSchema,
  output: Record<string, unknown>,
): string | Uint8Array {
  if (schema.isUnitSchema()) return '{}';
  const serializer = model.createJsonSerializer();
  serializer.write(schema, output);
  return serializer.flush();
}

/** Writes a structure as XML under a name of our choice (`CreateDBSnapshotResult`) by the SDK's own serializer. */
function writeStructure(
  schema: NormalizedSchema,
  name: string,
  value: unknown,
  xmlNamespace?: string,
): string {
  const raw = schema.getSchema() as unknown as unknown[];
  const [kind, namespace, shape, , ...rest] = raw;
  const renamed = [kind, namespace, shape, { xmlName: name }, ...rest] as unknown as SchemaRef;
  const serializer = xmlSerializer(xmlNamespace);
  serializer.write(renamed as never, value);
  return String(serializer.flush());
}

function xmlSerializer(xmlNamespace = ''): XmlShapeSerializer {
  return new XmlShapeSerializer({ ...XML_SETTINGS, xmlNamespace, serviceNamespace: '' });
}

/** The inside of an element. */
function unwrap(element: string): string {
  const start = element.indexOf('>') + 1;
  return element.endsWith('/>') ? '' : element.slice(start, element.lastIndexOf('</'));
}

function xml(status: number, body: string, requestId: string): WireResponse {
  return {
    status,
    headers: {
      'content-type': 'text/xml;charset=UTF-8',
      'x-amzn-requestid': requestId,
      'x-amz-request-id': requestId,
    },
    body: DECLARATION + body,
  };
}

function json(
  model: ServiceModel,
  status: number,
  body: string | Uint8Array,
  requestId: string,
): WireResponse {
  const version = model.protocol === 'awsJson1_0' ? '1.0' : '1.1';
  return {
    status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId },
    body,
  };
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(
      // XML 1.0 has no place for these characters, not even escaped: https://www.w3.org/TR/xml/#charsets
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g,
      '\ufffd',
    );
}
