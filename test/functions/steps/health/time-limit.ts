import { onTestFinished, vi } from 'vitest';

/** Time limits of seconds are over after a moment. @returns what was asked for, in milliseconds. */
export function passTimeLimit(): { asked: number[] } {
  const asked: number[] = [];
  const set = globalThis.setTimeout;
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    callback: () => void,
    milliseconds = 0,
  ) => {
    if (milliseconds < 5_000) return set(callback, milliseconds);
    asked.push(milliseconds);
    return set(callback, 200);
  }) as typeof setTimeout);
  onTestFinished(() => spy.mockRestore());
  return { asked };
}
