import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** Reads exactly so many bytes. @throws Error when the stream ends before. */
export async function readBytes(stream: Duplex, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = stream.read(bytes) as Buffer | null;
    if (chunk?.length === bytes) return chunk;
    if (chunk !== null || stream.readableEnded || stream.destroyed)
      throw new Error('the client went away before it had signed in');
    await Promise.race([once(stream, 'readable'), once(stream, 'end'), once(stream, 'close')]);
  }
}

/** Connects two streams for good: what one says the other hears, and when one is over, so is the other. */
export function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.once('close', () => to.end());
    from.pipe(to);
  }
}
