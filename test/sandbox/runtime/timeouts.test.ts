import { afterEach, beforeEach, expect, test } from 'vitest';
import { Timeouts } from '../../../sandbox/runtime/timeouts.ts';

const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
let timeouts: Timeouts;
beforeEach(() => {
  timeouts = new Timeouts();
  timeouts.install();
});
afterEach(() => {
  globalThis.setTimeout = real.set;
  globalThis.clearTimeout = real.clear;
});

test('a pause passes quickly', async () => {
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(performance.now() - begun).toBeLessThan(500);
});

test('a time-out fires when so much time is said to have passed, once, and not one that was cleared', () => {
  const fired: string[] = [];
  setTimeout(() => fired.push('10 s'), 10_000);
  setTimeout(() => fired.push('60 s'), 60_000);
  clearTimeout(setTimeout(() => fired.push('cleared'), 10_000));

  timeouts.pass(11_000);
  timeouts.pass(11_000);
  expect(fired).toEqual(['10 s']);

  timeouts.pass(60_000);
  expect(fired).toEqual(['10 s', '60 s']);
});
