import { createHmac, randomBytes } from 'node:crypto';

/** Known to nobody and gone with this process: whoever reads a hash that was made with it cannot try what it was made of. */
const KEY = randomBytes(32);

const DIGITS = 8;

/** What stands for a text that must not be shown: of two, only whether they differ, and only within one process. */
export function hidden(text: string): string {
  return `#${createHmac('sha256', KEY).update(text).digest('hex').slice(0, DIGITS)}`;
}
