import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, rename, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOUNT_FOLDER_PATTERN, VOLUME_LIST_PATTERN } from '../../../../lib/documents/volumes-document.ts';
import { writeCrmFiles } from '../../../../sandbox/world/servers/crm-files.ts';

const SCRIPT = readFileSync(new URL('../../../../lib/documents/volumes.sh', import.meta.url), 'utf8');
const PROGRAMS = readFileSync(
  new URL('../../../../sandbox/world/servers/block-devices.sh', import.meta.url),
  'utf8',
);

const SOURCE = 'vol-0aaaaaaaaaaaaaaa1';
const COPY = 'vol-0bbbbbbbbbbbbbbb2';

/** The files of the source, made once. */
let made: string;
let root: string;
let source: string;
let copy: string;

/** Lines of the server's table of devices: `name|serial|bytes|type|folder|mount point`. */
const device = (name: string, id: string, type: string, folder: string, target = ''): string =>
  [name, id.replace('-', ''), 42_949_672_960, type, folder, target].join('|');

const setDevices = (...lines: string[]): void =>
  writeFileSync(join(root, 'devices'), `${lines.join('\n')}\n`);

/** Runs the document's Linux half as the agent would. */
function run(parameters: Record<string, string>): string {
  const values: Record<string, string> = {
    Action: 'flush',
    Volumes: '',
    Directory: join(root, 'run', 'lights-out'),
    Contents: 'no',
    ...parameters,
  };
  const file = join(root, 'script.sh');
  writeFileSync(
    file,
    SCRIPT.replaceAll(/\{\{ (\w+) \}\}/g, (_match, name: string) => values[name] ?? ''),
  );
  return execFileSync('/bin/sh', [file], {
    encoding: 'utf8',
    env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const record = (contents = 'no'): string =>
  run({ Action: 'record', Volumes: `${SOURCE}:sdf`, Contents: contents });
const check = (contents = 'no'): string =>
  run({ Action: 'check', Volumes: `${COPY}:sdg`, Contents: contents });
const digestOf = (output: string): string | undefined => /digest=(\S+)/.exec(output)?.[1];

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'lights-out-files-'));
  await writeCrmFiles(made, 'web-1');
  await symlink('/nowhere', join(made, 'a link'));
  await mkdir(join(made, 'name with\nline break'));
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** A server with a data volume, and a copy of it attached. */
async function makeServer(): Promise<void> {
  root = mkdtempSync(join(tmpdir(), 'lights-out-volumes-'));
  source = join(root, 'source');
  copy = join(root, 'copy');
  await mkdir(join(root, 'bin'));
  for (const folder of [source, copy]) execFileSync('/bin/cp', ['-a', made, folder]);
  for (const name of ['lsblk', 'blkid', 'findmnt', 'mount', 'umount'])
    writeFileSync(join(root, 'bin', name), PROGRAMS.replaceAll('@DEVICES@', join(root, 'devices')), {
      mode: 0o755,
    });
  writeFileSync(join(root, 'bin', 'sync'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  setDevices(device('nvme1n1', SOURCE, 'xfs', source, source), device('nvme2n1', COPY, 'xfs', copy));
}

describe('the volumes’ document on Linux', { timeout: 30_000 }, () => {
  beforeEach(makeServer);
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('reads the same of the source and of a copy, and leaves nothing mounted', () => {
    const before = record();
    const after = check();

    expect(before).toContain('lights-out volumes=flushed');
    expect(before).toMatch(
      new RegExp(`volume=${SOURCE} part=0 filesystem=xfs files=288 size=\\d+ digest=[0-9a-f]{64}\n`),
    );
    expect(before).toContain(`volume=${SOURCE} bytes=42949672960`);
    expect(digestOf(after)).toBe(digestOf(before));
    expect(readFileSync(join(root, 'devices.mounts'), 'utf8')).toBe('');
    expect(readdirSync(join(root, 'run'))).toEqual([]);
    // No name of a file leaves the server.
    expect(before + after).not.toMatch(/customer|合同|invoice/);
  });

  it('reads the same twice, whatever the order of the folder', () => {
    expect(digestOf(check())).toBe(digestOf(check()));
    expect(digestOf(check('yes'))).toBe(digestOf(record('yes')));
    expect(digestOf(check('yes'))).not.toBe(digestOf(check()));
  });

  const first = (): string =>
    join(
      copy,
      'attachments',
      'customer-0001',
      readdirSync(join(copy, 'attachments', 'customer-0001')).sort()[1] ?? '',
    );
  it.each<[string, () => Promise<void> | void]>([
    ['a file that is missing', () => rmSync(first())],
    ['a file that is longer', () => appendFile(first(), 'x')],
    ['another name', () => rename(first(), `${first()} `)],
    ['another time', () => utimesSync(first(), new Date(0), new Date(0))],
    ['other rights', () => chmod(first(), 0o600)],
    ['a file more', () => writeFileSync(join(copy, 'new'), '')],
    ['an empty folder more', async () => void (await mkdir(join(copy, 'new')))],
    [
      'a link that leads elsewhere',
      async () => {
        rmSync(join(copy, 'a link'));
        await symlink('/elsewhere', join(copy, 'a link'));
      },
    ],
  ])('tells %s', async (_name, change) => {
    await change();

    expect(digestOf(check())).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(check())).not.toBe(digestOf(record()));
  });

  it('tells one changed byte that keeps size and time only by the contents', () => {
    const path = first();
    const { atime, mtime } = statSync(path);
    const bytes = readFileSync(path);
    bytes[0] = ((bytes[0] ?? 0) + 1) % 256;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);

    expect(digestOf(check('yes'))).not.toBe(digestOf(record('yes')));
  });

  it.each([
    ['LVM2_member', 'lvm'],
    ['linux_raid_member', 'software-raid'],
    ['crypto_LUKS', 'encrypted-by-the-server'],
    ['BitLocker', 'encrypted-by-the-server'],
    ['swap', 'swap'],
    ['btrfs', 'file-system-btrfs'],
    ['', 'no-file-system'],
  ])('says why it does not read %j', (type, why) => {
    setDevices(device('nvme1n1', SOURCE, type, source, source));

    expect(record()).toContain(`volume=${SOURCE} part=0 skipped=${why}\n`);
  });

  it('says that a file system is not mounted, or that there is no such device', () => {
    setDevices(device('nvme1n1', SOURCE, 'xfs', source));
    expect(record()).toContain('part=0 skipped=not-mounted');

    setDevices(device('nvme1n1', COPY, 'xfs', source));
    expect(record()).toContain('part=0 skipped=device-not-found');
  });

  it('says that a copy cannot be mounted', () => {
    setDevices(
      device('nvme2n1', COPY, 'ext4', join(root, 'nowhere')),
      device('nvme1n1', SOURCE, 'xfs', source, source),
    );
    rmSync(join(root, 'bin', 'mount'));
    writeFileSync(join(root, 'bin', 'mount'), '#!/bin/sh\nexit 32\n', { mode: 0o755 });

    expect(check()).toContain('part=0 filesystem=ext4 failed=mount');
  });

  it('releases what a check that was cut off has left, and no file of it', async () => {
    const work = join(root, 'run', 'lights-out', 'abcdef');
    await mkdir(join(work, 'tree'), { recursive: true });
    execFileSync(join(root, 'bin', 'mount'), [
      '-t',
      'xfs',
      '-o',
      'ro,nouuid',
      '/dev/nvme2n1',
      join(work, 'tree'),
    ]);
    const files = readdirSync(copy, { recursive: true }).length;

    expect(run({ Action: 'release' })).toContain('lights-out volumes=released');
    expect(readFileSync(join(root, 'devices.mounts'), 'utf8')).toBe('');
    expect(readdirSync(join(root, 'run'))).toEqual([]);
    expect(readdirSync(copy, { recursive: true })).toHaveLength(files);
    expect(run({ Action: 'release' })).toContain('lights-out volumes=released');
  });
});

describe('the parameters of the document', () => {
  it.each([
    [VOLUME_LIST_PATTERN, '', true],
    [VOLUME_LIST_PATTERN, `${SOURCE}:sdf ${COPY}:xvdbc`, true],
    [VOLUME_LIST_PATTERN, `${SOURCE}:sdf; rm -rf /`, false],
    [VOLUME_LIST_PATTERN, `${SOURCE}:$(id)`, false],
    [VOLUME_LIST_PATTERN, `${SOURCE}:/dev/sdf`, false],
    [VOLUME_LIST_PATTERN, `${SOURCE}:sdf\nid`, false],
    [MOUNT_FOLDER_PATTERN, '/run/lights-out/crm-20261127-1330-c02f2ce2', true],
    [MOUNT_FOLDER_PATTERN, '/run/lights-out/../../etc', false],
    [MOUNT_FOLDER_PATTERN, "/run/lights-out/a' ; id", false],
    [MOUNT_FOLDER_PATTERN, '/srv', false],
  ])('%s takes %j: %s', (pattern, value, taken) => {
    expect(new RegExp(pattern).test(value)).toBe(taken);
  });
});
