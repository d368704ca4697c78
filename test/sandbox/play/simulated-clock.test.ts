import { afterEach, expect, test } from 'vitest';
import { SandboxClock, sharedNow } from '../../../sandbox/play/simulated-clock.ts';

const HOUR = 3600_000;
let clock: SandboxClock;
afterEach(() => clock.stop());

test('a clock that jumps waits for nothing: hours pass at once, in order', async () => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, 0);
  const order: number[] = [];

  await Promise.all([3, 1, 2].map((hours) => clock.sleep(hours * HOUR).then(() => order.push(hours))));

  expect(order).toEqual([1, 2, 3]);
  expect(clock.now()).toBe(3 * HOUR);
  expect(sharedNow(clock.shared)).toBe(3 * HOUR);
});

test('it does not jump while something works', async () => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, 0);
  const release = clock.work();
  let fired = false;
  clock.after(HOUR, () => {
    fired = true;
  });

  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(fired).toBe(false);
  expect(clock.now()).toBeLessThan(1_000);

  release();
  await clock.sleep(0);
  await clock.sleep(2 * HOUR);
  expect(fired).toBe(true);
});

test('what is forgotten never fires', async () => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, 0);
  let fired = false;
  clock.after(HOUR, () => {
    fired = true;
  });
  clock.forget();
  await clock.sleep(2 * HOUR);
  expect(fired).toBe(false);
});

test('a time of months ahead is waited for, not looked for every millisecond', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): number => warnings.push(warning);
  process.on('warning', hear);
  clock = new SandboxClock(1, 0);
  let fired = false;

  clock.after(60 * 24 * HOUR, () => {
    fired = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 30));

  process.off('warning', hear);
  expect({ warnings, fired }).toEqual({ warnings: [], fired: false });
});

test('running free, stands still at what is due, however late or slow the machine is', async () => {
  clock = new SandboxClock(5000, 0);
  const found: number[] = [];
  const fired = new Promise<void>((resolve) => {
    clock.after(3_000, () => {
      found.push(clock.now());
      busyFor(20);
      found.push(clock.now());
      resolve();
    });
  });
  // Five minutes of simulated time, if it ran on.
  busyFor(60);

  found.push(clock.now());
  await fired;
  const [due = 0] = found;
  expect(due).toBeGreaterThanOrEqual(3_000);
  expect(found).toEqual([due, due, due]);
});

function busyFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
