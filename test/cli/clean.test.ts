import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { processMark } from '../../sandbox/rehearsal/leftovers/process-mark.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'clean-')));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const clean = () => run(process.execPath, [CLI, 'clean'], { env: { ...process.env, TMPDIR: temporary } });

it('clean ends and deletes what a killed rehearsal left, and says so; a living one keeps everything', async () => {
  const rehearsal = spawn('/bin/sleep', ['60']);
  const folder = join(temporary, `lights-out-${processMark(rehearsal.pid)}-AbCd12`);
  mkdirSync(folder);
  const service = spawn('/bin/sh', ['-c', 'read line', join(folder, 'servers', 'web', '.logs', 'crm.log')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(service, 'exit');
  expect((await clean()).stdout).toBe('lights-out: no killed rehearsal has left anything here\n');
  expect(readdirSync(temporary)).toHaveLength(1);

  rehearsal.kill('SIGKILL');
  await once(rehearsal, 'exit');

  expect((await clean()).stdout).toBe(
    'lights-out: cleaned up after killed rehearsals: 1 process ended, 1 folder deleted\n',
  );
  await ended;
  expect(readdirSync(temporary)).toEqual([]);
});
