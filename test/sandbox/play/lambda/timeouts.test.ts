import { afterEach, beforeEach, expect, test } from 'vitest';
import { Timeouts } from '../../../../sandbox/play/lambda/timeouts.ts';

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

test('a pause passes quickly, a time-out takes its time', () => {
  const asked: unknown[] = [];
  globalThis.setTimeout = ((_callback: () => void, milliseconds: number) =>
    asked.push(milliseconds)) as unknown as typeof setTimeout;
  new Timeouts().install();

  setTimeout(() => undefined, 1_000);
  setTimeout(() => undefined, 10_000);

  expect(asked).toEqual([20, 10_000]);
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
