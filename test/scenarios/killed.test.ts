import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { fromProc } from '../../sandbox/rehearsal/leftovers/processes.ts';
import { killGroup } from '../support/kill-group.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'killed-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Its own folder of temporary files: what is left in it is left by these rehearsals alone. */
const temporary = mkdtempSync(join(base, 'tmp-'));
const env = { ...process.env, TMPDIR: temporary };
// PostgreSQL runs as another user when this is root.
await run('chmod', ['755', base, temporary]);

function rehearsal(out: string): ChildProcess {
  return spawn(process.execPath, [CLI, 'rehearse', '--out', out, '--speed', '2000'], {
    env,
    stdio: 'ignore',
    detached: true,
  });
}

const left = () => ({
  folders: readdirSync(temporary),
  processes: fromProc().filter(({ arguments: words }) =>
    words.some((word) => word.includes(`${temporary}/`)),
  ),
});

/** The run has begun: servers run, functions were called. */
async function untilItRuns(out: string): Promise<void> {
  await expect
    .poll(() => existsSync(join(out, 'evidence', 'locks')), { timeout: 120_000, interval: 50 })
    .toBe(true);
  expect(left().processes.length).toBeGreaterThan(0);
}

test('a killed rehearsal leaves no process and no folder, and the next one starts as if nothing had been', {
  timeout: 300_000,
}, async () => {
  const out = join(base, 'killed');
  const killed = rehearsal(out);
  await untilItRuns(out);
  // The whole group, as an impatient person or the end of a container's command does it.
  killGroup(killed);
  await expect.poll(left, { timeout: 30_000 }).toEqual({ folders: [], processes: [] });
  expect(existsSync(join(out, 'run.json'))).toBe(false);

  const { stderr } = await run(
    process.execPath,
    [CLI, 'rehearse', '--out', out, '--speed', '5000', '--input', '{"dryRun":true}'],
    { env },
  );

  expect(stderr).toMatch(/the rehearsal before this one in .* was killed before its run ended/);
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({
    outcome: 'planned',
    resources: { database: 'available', locks: [], testInstances: [], maintenance: false },
  });
  await expect.poll(left, { timeout: 30_000 }).toEqual({ folders: [], processes: [] });
});

test('a rehearsal that is asked to end does so in order, says so, and leaves no record of a run', {
  timeout: 300_000,
}, async () => {
  const out = join(base, 'interrupted');
  const child = spawn(process.execPath, [CLI, 'rehearse', '--out', out, '--speed', '2000', '--json'], {
    env,
  });
  let words = '';
  let printed = '';
  child.stderr.on('data', (text: Buffer) => {
    words += text.toString();
  });
  child.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  await untilItRuns(out);

  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number | null];

  expect({ code, words, printed }).toEqual({
    code: 143,
    words: expect.stringMatching(
      /^lights-out: ended by SIGTERM while the run was in ".+"; no run\.json is written/,
    ),
    printed: '',
  });
  expect(readdirSync(out)).not.toContain('run.json');
  expect(readdirSync(out).filter((name) => name.startsWith('.lights-out'))).toEqual([
    '.lights-out-rehearsal',
  ]);
  await expect.poll(left, { timeout: 30_000 }).toEqual({ folders: [], processes: [] });
});
