import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { presenceOf, processMark } from '../../../../sandbox/rehearsal/leftovers/process-mark.ts';
import {
  endProcessesOf,
  fromProc,
  fromPs,
  isOfFolder,
} from '../../../../sandbox/rehearsal/leftovers/processes.ts';
import { killGroup } from '../../../support/kill-group.ts';

const folder = mkdtempSync(join(tmpdir(), 'processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, boolean, string[]]>([
  [
    'PostgreSQL on a data directory in it',
    true,
    ['/x/bin/postgres', '-D', `${folder}/instances/a`, '-p', '1'],
  ],
  [
    'PostgreSQL from a copy of its programs in it',
    true,
    [`${folder}/postgresql/bin/postgres`, '-D', `${folder}/a`],
  ],
  ['initdb', true, ['/x/bin/initdb', '-D', `${folder}/instances/a`, '-U', 'postgres']],
  ['MariaDB', true, ['/usr/sbin/mariadbd', '--no-defaults', `--datadir=${folder}/a`]],
  ["MariaDB's installer", true, ['/bin/sh', '/usr/bin/mariadb-install-db', `--datadir=${folder}/a`]],
  ['a service', true, ['/bin/sh', '-c', 'while :; do sleep 1; done', `${folder}/servers/web/.logs/crm.log`]],
  ["a document's script", true, ['/bin/sh', `${folder}/servers/web/.script-1.sh`]],
  ['a copy inside', true, ['cp', '-a', '--reflink=auto', `${folder}/a`, `${folder}/b`]],
  ['PostgreSQL on another data directory', false, ['/x/bin/postgres', '-D', `${folder}2/instances/a`]],
  ['PostgreSQL on no data directory that can be seen', false, ['postgres: checkpointer ']],
  ['an editor', false, ['vim', `${folder}/instances/a/server.log`]],
  ['somebody who looks on', false, ['tail', '-f', `${folder}/servers/web/.logs/crm.log`]],
  ['a shell command about it', false, ['/bin/sh', '-c', `tail -f ${folder}/servers/web/.logs/crm.log`]],
  ['a copy out of it', false, ['cp', '-a', `${folder}/a`, '/home/somebody']],
  ['a shell', false, ['/bin/sh']],
  ['a program without a name', false, ['']],
  ['nothing', false, []],
])('%s: %s', (_name, expected, commandLine) => {
  expect(isOfFolder(folder, commandLine)).toBe(expected);
});

it('ends a service that ignores being asked, with what it started, and nothing else', async () => {
  const uid = process.getuid?.() ?? -1;
  const service = async (name: string) => {
    const shell = spawn(
      '/bin/sh',
      ['-c', "trap '' TERM QUIT; while :; do sleep 60 & echo $!; wait $!; done", name],
      { detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [text] = (await once(shell.stdout, 'data')) as [Buffer];
    return { shell, sleep: processMark(Number(text.toString())) };
  };
  const own = await service(`${folder}/servers/web/.logs/crm.log`);
  const other = await service(`${folder}2/servers/web/.logs/crm.log`);
  const exited = once(own.shell, 'exit');
  try {
    // Two where the shell's child has not become `sleep` yet.
    expect(await endProcessesOf(folder, [uid])).toBeGreaterThan(0);
    await exited;
    expect(own.shell.signalCode).toBe('SIGKILL');
    await expect.poll(() => presenceOf(own.sleep)).toBe('dead');
    expect(other.shell.signalCode).toBeNull();
    expect(presenceOf(other.sleep)).toBe('living');
    expect(await endProcessesOf(folder, [uid])).toBe(0);
  } finally {
    killGroup(other.shell);
  }
});

it('leaves a process of another user', async () => {
  const child = spawn('/bin/sh', ['-c', 'sleep 60; :', `${folder}/x`], { detached: true, stdio: 'ignore' });
  try {
    expect(await endProcessesOf(folder, [4_294_967])).toBe(0);
    expect(child.signalCode).toBeNull();
  } finally {
    killGroup(child);
  }
});

it.runIf(process.platform === 'linux')('/proc and ps list the same processes', () => {
  const child = spawn('/bin/sleep', ['61']);
  try {
    for (const list of [fromProc(), fromPs()])
      expect(list.find(({ pid }) => pid === child.pid)).toEqual({
        pid: child.pid,
        uid: process.getuid?.(),
        arguments: ['/bin/sleep', '61'],
      });
  } finally {
    child.kill('SIGKILL');
  }
});
