import type { PartManifest } from './manifest.ts';

/** A digest is two sums of 64-bit hashes, each in 16 hexadecimal digits. */
const BITS = 64;
const DIGITS = BITS / 4;

/** Makes a digest of two sums of the rows' hashes. Both sums count modulo 2^64. */
export function digestOf(first: bigint, second: bigint): string {
  return hex(first) + hex(second);
}

/** Adds parts up. A table's digest does not depend on where the table was cut. */
export function sumOf(parts: PartManifest[]): PartManifest {
  let [rows, first, second] = [0, 0n, 0n];
  for (const part of parts) {
    rows += part.rows;
    first += BigInt(`0x${part.digest.slice(0, DIGITS)}`);
    second += BigInt(`0x${part.digest.slice(DIGITS, 2 * DIGITS)}`);
  }
  return { rows, digest: digestOf(first, second) };
}

function hex(sum: bigint): string {
  return BigInt.asUintN(BITS, sum).toString(16).padStart(DIGITS, '0');
}
