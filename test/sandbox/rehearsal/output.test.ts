import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { processMark } from '../../../sandbox/rehearsal/leftovers/process-mark.ts';
import { takeOutput } from '../../../sandbox/rehearsal/output.ts';

const run = promisify(execFile);
const base = mkdtempSync(join(tmpdir(), 'output-'));
let out: string;
let other: ChildProcess;
let dead: string;
let count = 0;

beforeAll(async () => {
  other = spawn('/bin/sleep', ['600']);
  const child = spawn('/bin/sleep', ['60']);
  dead = processMark(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
});
afterAll(() => {
  other.kill('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});
beforeEach(() => {
  count += 1;
  out = join(base, String(count));
});

/** As a rehearsal leaves it. */
async function earlier(...more: string[]): Promise<void> {
  await (await takeOutput(out)).release();
  for (const name of ['run.json', 'calls.jsonl', ...more]) writeFileSync(join(out, name), 'earlier');
}

const claimOf = (mark: string): string => `.lights-out-running.${mark}`;

it('a new folder is made, claimed and given back', async () => {
  const claim = await takeOutput(out);

  expect(claim.wasKilled).toBe(false);
  expect(readdirSync(out).sort()).toEqual(['.lights-out-rehearsal', claimOf(processMark())]);
  await claim.release();
  await claim.release();
  expect(readdirSync(out)).toEqual(['.lights-out-rehearsal']);
});

it("an earlier rehearsal's folder is emptied", async () => {
  await earlier();

  const claim = await takeOutput(out);

  expect(claim.wasKilled).toBe(false);
  expect(existsSync(join(out, 'run.json'))).toBe(false);
  expect(existsSync(join(out, 'calls.jsonl'))).toBe(false);
});

it("a killed rehearsal's folder is emptied, and that is told", async () => {
  await earlier(claimOf(dead));

  const claim = await takeOutput(out);

  expect(claim.wasKilled).toBe(true);
  expect(readdirSync(out).sort()).toEqual(['.lights-out-rehearsal', claimOf(processMark())]);
});

it('one that was killed before it had marked its folder is emptied too', async () => {
  await earlier(claimOf(dead));
  rmSync(join(out, '.lights-out-rehearsal'));

  expect((await takeOutput(out)).wasKilled).toBe(true);
});

it.each<[string, () => string, RegExp]>([
  [
    'another process',
    () => claimOf(processMark(other.pid)),
    /another rehearsal \(process \d+\) is writing into it; expected a folder of its own: wait until/,
  ],
  ['this process', () => claimOf(processMark()), /another rehearsal \(process \d+\) is writing into it/],
  [
    'a process of another machine',
    () => claimOf(`000000${dead.slice(6)}`),
    /on another machine or in another container.*choose another --out, or, when none is under way there, delete .*\.lights-out-running\.000000/,
  ],
])('a folder that %s writes into is refused and stays as it is', async (_name, claim, message) => {
  await earlier(claim());
  const before = readdirSync(out).sort();

  await expect(takeOutput(out)).rejects.toThrow(message);

  expect(readdirSync(out).sort()).toEqual(before);
});

/** Tries to take the folder that it is given, and says from when to when it had it. */
const TAKER = `
const [module, out] = process.argv.slice(1);
const { takeOutput } = await import(module);
try {
  const claim = await takeOutput(out);
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(JSON.stringify({ from, to: Date.now() }));
  await claim.release();
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}`;

it('of processes that begin at the same moment, never two are in', async () => {
  const module = new URL('../../../sandbox/rehearsal/output.ts', import.meta.url).href;
  const answers = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', TAKER, module, out]);
      return JSON.parse(stdout) as { from: number; to: number } | { refused: string };
    }),
  );

  const turns = answers
    .flatMap((answer) => ('from' in answer ? [answer] : []))
    .sort((a, b) => a.from - b.from);
  turns.reduce((before, turn) => {
    expect(turn.from).toBeGreaterThanOrEqual(before.to);
    return turn;
  });
  for (const answer of answers)
    if ('refused' in answer)
      expect(answer.refused).toMatch(/another rehearsal \(process \d+\) is writing into it/);
});

it('a folder in which another process just tries whether it can write is taken, and that is left to it', async () => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, '.lights-out-probe-abc123'), { recursive: true });

  const claim = await takeOutput(out);
  await claim.release();

  expect(readdirSync(out).sort()).toEqual(['.lights-out-probe-abc123', '.lights-out-rehearsal']);
});

it('a folder that no rehearsal made is refused and stays as it is', async () => {
  rmSync(out, { recursive: true, force: true });
  await earlier();
  rmSync(join(out, '.lights-out-rehearsal'));

  await expect(takeOutput(out)).rejects.toThrow(/the folder is not empty and no rehearsal made it/);

  expect(readdirSync(out).sort()).toEqual(['calls.jsonl', 'run.json']);
});
