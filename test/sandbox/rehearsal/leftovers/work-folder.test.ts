import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processMark } from '../../../../sandbox/rehearsal/leftovers/process-mark.ts';
import { cleanUpAfterTheDead, makeWorkFolder } from '../../../../sandbox/rehearsal/leftovers/work-folder.ts';

let base: string;
let dead: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'work-folders-'));
  const child = spawn('/bin/sleep', ['60']);
  dead = processMark(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function folder(name: string): string {
  const path = join(base, name);
  mkdirSync(join(path, 'instances'), { recursive: true });
  writeFileSync(join(path, 'instances', 'PG_VERSION'), '18');
  return path;
}

it('what a killed process left is ended and deleted; nothing else is touched', async () => {
  const left = folder(`lights-out-${dead}-AbCd12`);
  const kept = [
    folder(`lights-out-${processMark()}-AbCd12`),
    folder(`lights-out-000000${dead.slice(6)}-AbCd12`),
    folder(`lights-out-${dead}`),
    folder(`lights-out-scenario-AbCd12`),
    folder(`other-${dead}-AbCd12`),
  ];
  const target = folder('somebody-elses');
  const link = join(base, `lights-out-${dead}-LiNk12`);
  symlinkSync(target, link);
  const service = spawn('/bin/sh', ['-c', 'read line', join(left, 'servers', 'web', '.logs', 'crm.log')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(service, 'exit');

  expect(await cleanUpAfterTheDead(base)).toEqual({ folders: [left], processes: 1, problems: [] });

  await ended;
  expect(existsSync(left)).toBe(false);
  for (const path of [...kept, target, link]) expect(existsSync(path)).toBe(true);
  expect(await cleanUpAfterTheDead(base)).toEqual({ folders: [], processes: 0, problems: [] });
});

it('two that clean up at once do not disturb each other', async () => {
  const left = ['1', '2', '3'].map((number) => folder(`lights-out-${dead}-AbCd1${number}`));

  const both = await Promise.all([cleanUpAfterTheDead(base), cleanUpAfterTheDead(base)]);

  expect(both.flatMap(({ problems }) => problems)).toEqual([]);
  for (const path of left) expect(existsSync(path)).toBe(false);
});

it('a work folder says whose it is from the first moment', async () => {
  const made = await makeWorkFolder();
  try {
    expect(basename(made)).toMatch(new RegExp(`^lights-out-${processMark()}-[0-9A-Za-z]{6}$`));
  } finally {
    rmSync(made, { recursive: true });
  }
});
