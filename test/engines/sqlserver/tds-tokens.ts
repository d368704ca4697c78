/**
 * What a SQL Server writes, byte for byte: packets and tokens of MS-TDS 7.4
 * (https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/b46a581a-39de-4745-b076-ec4dbb7d13ec).
 */

export type Value = string | number | null;

export interface Answer {
  columns?: string[];
  rows?: Value[][];
  /** Messages that the server calls errors; of severity 20 and more, the connection ends behind them. */
  errors?: { number: number; severity: number; state?: number; message: string }[];
  /** The connection is cut instead of an answer. */
  cut?: true;
  /** No answer at all, until the client gives up. */
  hang?: true;
}

/** 2.2.3: a message in packets of 4,096 bytes at most. */
export function packets(type: number, message: Buffer): Buffer {
  const most = 4096 - 8;
  const parts: Buffer[] = [];
  for (let start = 0; start === 0 || start < message.length; start += most) {
    const body = message.subarray(start, start + most);
    const header = Buffer.from([type, start + most >= message.length ? 1 : 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(8 + body.length, 2);
    header[6] = parts.length & 0xff;
    parts.push(header, body);
  }
  return Buffer.concat(parts);
}

const u8 = (value: number): Buffer => Buffer.from([value]);

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.from(value, 'utf16le');
const shortText = (value: string): Buffer => Buffer.concat([u8(value.length), text(value)]);
const longText = (value: string): Buffer => Buffer.concat([u16(value.length), text(value)]);
const counted = (token: number, body: Buffer): Buffer => Buffer.concat([u8(token), u16(body.length), body]);

/** 2.2.6.5, the server's answer. @param encryption 0x01 on, 0x02 not supported. */
export function prelogin(encryption: number): Buffer {
  const version = Buffer.from([16, 0, 0x10, 0x18, 0, 0]);
  const offset = 2 * 5 + 1;
  const options = Buffer.from([0, 0, offset, 0, version.length, 1, 0, offset + version.length, 0, 1, 0xff]);
  return Buffer.concat([options, version, u8(encryption)]);
}

/** 2.2.7.14 and 2.2.7.9: TDS 7.4, and the database that was asked for. */
export function loginAccepted(database: string): Buffer {
  const accepted = Buffer.concat([
    u8(1),
    Buffer.from([0x74, 0, 0, 4]),
    shortText('Microsoft SQL Server'),
    Buffer.from([16, 0, 0x10, 0x18]),
  ]);
  const changed = Buffer.concat([u8(1), shortText(database), shortText('master')]);
  return Buffer.concat([counted(0xe3, changed), counted(0xad, accepted), done()]);
}

/** 2.2.7.9, types 8 to 10: a transaction began, was committed or rolled back. */
export function transaction(type: 8 | 10): Buffer {
  const id = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  const [now, before] = type === 8 ? [id, Buffer.alloc(0)] : [Buffer.alloc(0), id];
  return counted(0xe3, Buffer.concat([u8(type), u8(now.length), now, u8(before.length), before]));
}

/** 2.2.7.6. */
export function done(status = 0, rows = 0): Buffer {
  return Buffer.concat([u8(0xfd), u16(status), u16(0), u32(rows), u32(0)]);
}

/** 2.2.7.10. */
export function error({
  number,
  severity,
  state = 1,
  message,
}: NonNullable<Answer['errors']>[number]): Buffer {
  const body = Buffer.concat([
    u32(number),
    u8(state),
    u8(severity),
    longText(message),
    shortText('SQL1'),
    shortText(''),
    u32(1),
  ]);
  return counted(0xaa, body);
}

const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

/** 2.2.7.4 and 2.2.7.17: every column as nvarchar(max), or as bigint where all its values are numbers. */
export function resultSet({ columns = [], rows = [] }: Answer): Buffer {
  const numeric = columns.map(
    (_name, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number'),
  );
  const metadata = columns.map((name, index) =>
    Buffer.concat([
      u32(0),
      u16(1),
      numeric[index] ? Buffer.from([0x26, 8]) : Buffer.concat([u8(0xe7), u16(0xffff), COLLATION]),
      shortText(name),
    ]),
  );
  const data = rows.map((row) =>
    Buffer.concat([
      u8(0xd1),
      ...columns.map((_name, index) => (numeric[index] ? bigint(row[index]) : maxText(row[index]))),
    ]),
  );
  return Buffer.concat([u8(0x81), u16(columns.length), ...metadata, ...data]);
}

function bigint(value: Value | undefined): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 8;
  bytes.writeBigInt64LE(BigInt(value ?? 0), 1);
  return bytes;
}

/** 2.2.5.2.3: in chunks, with an end; NULL has a sign of its own. */
function maxText(value: Value | undefined): Buffer {
  if (value === null || value === undefined) return Buffer.alloc(8, 0xff);
  const bytes = text(String(value));
  const length = Buffer.concat([u32(bytes.length), u32(0)]);
  return bytes.length === 0
    ? Buffer.concat([length, u32(0)])
    : Buffer.concat([length, u32(bytes.length), bytes, u32(0)]);
}
