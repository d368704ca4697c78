import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../operation.ts';
import type { WireRequest } from './message.ts';

/** Checksums the sandbox verifies, by header. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
const CHECKSUMS: Record<string, (bytes: Buffer) => string> = {
  'content-md5': (bytes) => createHash('md5').update(bytes).digest('base64'),
  'x-amz-checksum-crc32': crc32Checksum,
  'x-amz-checksum-sha1': (bytes) => createHash('sha1').update(bytes).digest('base64'),
  'x-amz-checksum-sha256': (bytes) => createHash('sha256').update(bytes).digest('base64'),
};

/** Headers that look like a checksum and are none. */
const NO_CHECKSUM = new Set(['x-amz-checksum-mode', 'x-amz-checksum-algorithm', 'x-amz-checksum-type']);

/** An object's CRC-32 as S3 writes it: base64 of the four bytes, most significant first. */
export function crc32Checksum(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

/**
 * The body of a request as the client meant it: `aws-chunked` framing taken off, checksums in headers and trailers
 * verified, headers corrected to what S3 would keep.
 *
 * @throws AwsError `IncompleteBody`, `BadDigest`, or `NotImplemented` for a checksum the sandbox cannot verify.
 */
export function readObjectBody(request: WireRequest): { bytes: Buffer; headers: Record<string, string> } {
  const encodings = (request.headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '');
  let headers = request.headers;
  let bytes = request.body;
  if (encodings.includes('aws-chunked')) {
    const decoded = decodeChunks(request.body);
    bytes = decoded.bytes;
    headers = { ...headers, ...decoded.trailers, 'content-length': String(bytes.length) };
    const others = encodings.filter((encoding) => encoding !== 'aws-chunked');
    if (others.length > 0) headers['content-encoding'] = others.join(',');
    else delete headers['content-encoding'];
    const announced = headers['x-amz-decoded-content-length'];
    if (announced !== undefined && Number(announced) !== bytes.length) throw incomplete();
  }
  verifyChecksums(bytes, headers);
  return { bytes, headers };
}

function verifyChecksums(bytes: Buffer, headers: Record<string, string>): void {
  for (const [name, expected] of Object.entries(headers)) {
    const isChecksum = name === 'content-md5' || /^x-amz-checksum-/.test(name);
    if (!isChecksum || NO_CHECKSUM.has(name)) continue;
    const compute = CHECKSUMS[name];
    if (compute === undefined) {
      throw new AwsError('NotImplemented', `the sandbox cannot verify ${name}; send a CRC32 or SHA-256`, 501);
    }
    if (compute(bytes) !== expected) {
      throw new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
    }
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
function decodeChunks(framed: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = framed.indexOf('\r\n', position);
    if (end < 0) throw incomplete();
    const [size = ''] = framed.toString('latin1', position, end).split(';');
    if (!/^[0-9a-f]+$/i.test(size)) throw incomplete();
    const length = Number.parseInt(size, 16);
    position = end + 2;
    if (length === 0) break;
    if (framed.toString('latin1', position + length, position + length + 2) !== '\r\n') throw incomplete();
    chunks.push(framed.subarray(position, position + length));
    position += length + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of framed.toString('latin1', position).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { bytes: Buffer.concat(chunks), trailers };
}

function incomplete(): AwsError {
  return new AwsError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  );
}
