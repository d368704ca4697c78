import { afterEach, expect, test } from 'vitest';
import { SandboxClock, sharedNow } from '../../sandbox/simulated-clock.ts';

const HOUR = 3600_000;
let clock: SandboxClock;
afterEach(() => clock.stop());

test('a clock that jumps waits for nothing: hours pass at once, in order', async () => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, 0);
  const begun = performance.now();
  const order: number[] = [];

  await Promise.all([3, 1, 2].map((hours) => clock.sleep(hours * HOUR).then(() => order.push(hours))));

  expect(order).toEqual([1, 2, 3]);
  expect(clock.now()).toBe(3 * HOUR);
  expect(sharedNow(clock.shared)).toBe(3 * HOUR);
  expect(performance.now() - begun).toBeLessThan(1_000);
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

  it('running free, stands still at what is due, however late the machine comes to it', async () => {
    const clock = new SandboxClock(5000, 0);
    let found = 0;
    const fired = new Promise<void>((resolve) => {
      clock.after(3_000, () => {
        found = clock.now();
        resolve();
      });
    });
    const busyUntil = performance.now() + 60;
    while (performance.now() < busyUntil);

    expect(clock.now()).toBe(3_000);
    await fired;
    expect(found).toBeGreaterThanOrEqual(3_000);
    // Not the five minutes that the machine was busy for.
    expect(found).toBeLessThan(60_000);
    clock.stop();
  });
});
