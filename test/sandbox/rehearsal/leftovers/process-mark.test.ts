import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import {
  pidOf,
  presenceOf,
  processMark,
  seenByPs,
  seenInProc,
} from '../../../../sandbox/rehearsal/leftovers/process-mark.ts';

const mark = processMark();
const [machine = '', pid = '', started = ''] = mark.split('-');
const another = (text: string): string => `${text.slice(0, -1)}${text.endsWith('1') ? '2' : '1'}`;

it.each<[string, string, 'living' | 'dead' | 'elsewhere']>([
  ['this process', mark, 'living'],
  [
    'its number, given to a process that was started at another time',
    `${machine}-${pid}-${another(started)}`,
    'dead',
  ],
  ['a number that no process has', `${machine}-zzzzzz-${started}`, 'dead'],
  ['the same process of another machine', `${another(machine)}-${pid}-${started}`, 'elsewhere'],
  ['no mark', 'abc', 'elsewhere'],
  ['nothing', '', 'elsewhere'],
])('%s is told', (_name, given, presence) => {
  expect(presenceOf(given)).toBe(presence);
});

it('a process is living until it has ended', async () => {
  const child = spawn('/bin/sleep', ['60']);
  const given = processMark(child.pid);
  expect(pidOf(given)).toBe(child.pid);
  expect(presenceOf(given)).toBe('living');

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(presenceOf(given)).toBe('dead');
  expect(() => processMark(child.pid)).toThrow(/not found; expected a running one/);
});

it.runIf(process.platform === 'linux')('an ended process that nobody has asked after is dead', async () => {
  // Becomes another program, which does not ask after the child that it has.
  const shell = spawn('/bin/sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [text] = (await once(shell.stdout, 'data')) as [Buffer];
    const child = Number(text.toString());
    const given = processMark(child);

    await expect.poll(() => seenInProc(child)?.isZombie).toBe(true);
    expect(seenByPs(child)).toMatchObject({ isZombie: true });
    expect(presenceOf(given)).toBe('dead');
  } finally {
    shell.kill('SIGKILL');
  }
});

it.runIf(process.platform === 'linux')('/proc and ps tell of the same processes', () => {
  expect(seenInProc(process.pid)?.isZombie).toBe(false);
  expect(seenByPs(process.pid)).toMatchObject({ isZombie: false, started: expect.any(Number) });
  expect(Math.abs((seenByPs(process.pid)?.started ?? 0) * 1000 - Date.now())).toBeLessThan(3600_000);
  expect(seenInProc(2 ** 22 + 1)).toBeUndefined();
  expect(seenByPs(2 ** 22 + 1)).toBeUndefined();
});
