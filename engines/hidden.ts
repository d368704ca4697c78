import { createHmac, randomBytes } from 'node:crypto';

/** Nobody knows this key, and it ends with the process. A reader of a hash cannot find its text by trial. */
const KEY = randomBytes(32);

const DIGITS = 8;

/**
 * Makes a stand-in for a text that must not be shown. Two stand-ins tell only whether their texts differ, and only within one process.
 */
export function hidden(text: string): string {
  return `#${createHmac('sha256', KEY).update(text).digest('hex').slice(0, DIGITS)}`;
}
