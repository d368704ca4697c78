import { determineTimestampFormat } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import {
  parseEpochTimestamp,
  parseRfc3339DateTimeWithOffset,
  parseRfc7231DateTime,
} from '@smithy/core/serde';
import type { CodecSettings } from '@smithy/types';

/** Timestamp forms, as the SDK numbers them. */
const DATE_TIME = 5;
const HTTP_DATE = 6;

/** Forms of the Query protocols and of XML: ISO 8601 unless a member says otherwise. */
export const XML_SETTINGS: CodecSettings = {
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: false,
};

/** Forms of REST: headers carry HTTP dates, the query string ISO 8601. */
export const REST_SETTINGS: CodecSettings = {
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: true,
};

/** Forms of JSON: seconds since the epoch. */
export const JSON_SETTINGS: CodecSettings = {
  timestampFormat: { useTrait: true, default: 7 },
  httpBindings: false,
};

/**
 * Reads a text as the schema's simple type.
 *
 * @returns the value, or undefined when the text is none of that type.
 */
export function parseScalar(schema: NormalizedSchema, text: string, settings: CodecSettings): unknown {
  if (schema.isStringSchema() || schema.isDocumentSchema()) return text;
  if (schema.isNumericSchema()) return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
  if (schema.isBooleanSchema()) {
    if (/^true$/i.test(text)) return true;
    return /^false$/i.test(text) ? false : undefined;
  }
  if (schema.isTimestampSchema()) return parseTimestamp(schema, text, settings);
  if (schema.isBlobSchema()) return decodeBase64(text);
  if (schema.isBigIntegerSchema()) return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  return undefined;
}

/** Reads a timestamp in the form the schema and the protocol agree on; undefined when it is none. */
export function parseTimestamp(
  schema: NormalizedSchema,
  value: string | number,
  settings: CodecSettings,
): Date | undefined {
  const format = determineTimestampFormat(schema, settings);
  try {
    if (format === DATE_TIME) return parseRfc3339DateTimeWithOffset(value);
    if (format === HTTP_DATE) return parseRfc7231DateTime(value);
    return parseEpochTimestamp(value);
  } catch (error) {
    // The SDK's parsers throw on a malformed value; the caller words the refusal.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Decodes base64, or answers undefined when the text is none (Buffer would skip what it does not know). */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '') ? bytes : undefined;
}
