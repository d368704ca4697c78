import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCrmFiles } from '../../../../sandbox/world/servers/crm-files.ts';

const SCRIPT = readFileSync(new URL('../../../../lib/documents/volumes.sh', import.meta.url), 'utf8');
const SOURCE = 'vol-0aaaaaaaaaaaaaaa1';
const COPY = 'vol-0bbbbbbbbbbbbbbb2';

const PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';
const sh = (command: string, ...values: string[]): string =>
  execFileSync('/bin/sh', ['-euc', command, 'sh', ...values], {
    encoding: 'utf8',
    env: { PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** Only root may attach a file as a block device, and not in every container. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-try-'));
  try {
    sh(
      'cd "$1"; truncate -s 16M disk; mkfs.ext4 -q -F disk; device=$(losetup -f --show disk); mkdir at; mount "$device" at; umount at; losetup -d "$device"',
      folder,
    );
    return true;
  } catch {
    console.warn(
      'volumes-filesystem.test: no loop devices here, so the document is not run on a real ext4 file system',
    );
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let root: string;
let devices: string[];

function run(action: 'record' | 'check', volume: string, contents = 'no'): string {
  const file = join(root, 'script.sh');
  const values: Record<string, string> = {
    Action: action,
    Volumes: `${volume}:sdf`,
    Directory: join(root, 'run'),
    Contents: contents,
  };
  writeFileSync(
    file,
    SCRIPT.replaceAll(/\{\{ (\w+) \}\}/g, (_match, name: string) => values[name] ?? ''),
  );
  return execFileSync('/bin/sh', [file], {
    encoding: 'utf8',
    // A loop device has no serial number: this alone is made up.
    env: { PATH: `${join(root, 'bin')}:${PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
const digestOf = (output: string): string | undefined => /digest=(\S+)/.exec(output)?.[1];

/** The disk as it is in this moment, mounted and written to: what a crash-consistent snapshot holds. */
function snapshot(): void {
  copyFileSync(join(root, 'disk'), join(root, 'copy'));
  devices.push(sh('losetup -f --show "$1"', join(root, 'copy')));
  const names = devices.map((device) => device.replace('/dev/', ''));
  writeFileSync(
    join(root, 'bin', 'lsblk'),
    `#!/bin/sh\ncase "$*" in *NAME,SERIAL*) echo "${names[0]} ${SOURCE.replace('-', '')}"; echo "${names[1]} ${COPY.replace('-', '')}" ;; *) exec /usr/bin/lsblk "$@" ;; esac\n`,
    { mode: 0o755 },
  );
}

function detachCopy(): void {
  for (const device of devices.splice(1)) sh('losetup -d "$1"', device);
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lights-out-ext4-'));
  devices = [];
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'at'));
});
afterEach(() => {
  sh('umount "$1/at/other" "$1/at" 2>/dev/null || true', root);
  for (const device of devices) sh('losetup -d "$1"', device);
  rmSync(root, { recursive: true, force: true });
});

describe.runIf(mayMount())('the volumes’ document on a real ext4 file system', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    sh('truncate -s 64M "$1/disk"; mkfs.ext4 -q -F "$1/disk"', root);
    devices.push(sh('losetup -f --show "$1"', join(root, 'disk')));
    sh('mount "$1" "$2"', devices[0] ?? '', join(root, 'at'));
    await writeCrmFiles(join(root, 'at', 'crm'), 'web-1');
  });

  it.each(['no', 'yes'])(
    'finds a crash-consistent copy of the mounted disk equal (contents: %s)',
    (contents) => {
      snapshot();
      const before = run('record', SOURCE, contents);
      detachCopy();
      snapshot();
      // The copy's journal is not written back: a real restore replays it, and so does the check.
      expect(sh('dumpe2fs -h "$1" 2>/dev/null | grep -o needs_recovery', devices[1] ?? '')).toBe(
        'needs_recovery',
      );
      const after = run('check', COPY, contents);

      expect(before).toMatch(/filesystem=ext4 files=288 size=\d+ digest=[0-9a-f]{64}/);
      expect(digestOf(after)).toBe(digestOf(before));
      expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(join(root, 'run'));
    },
  );

  it('does not count what is mounted inside it', () => {
    mkdirSync(join(root, 'at', 'other'));
    sh('mount -t tmpfs none "$1"', join(root, 'at', 'other'));
    writeFileSync(join(root, 'at', 'other', 'not of this volume'), 'x');
    snapshot();
    const before = run('record', SOURCE);
    detachCopy();
    snapshot();

    expect(before).toContain('files=288 ');
    expect(digestOf(run('check', COPY))).toBe(digestOf(before));
  });

  it('tells a write that came after the snapshot', () => {
    snapshot();
    writeFileSync(join(root, 'at', 'crm', 'late'), 'x');

    expect(digestOf(run('check', COPY))).not.toBe(digestOf(run('record', SOURCE)));
  });

  it('says that a copy whose file system is broken cannot be mounted', () => {
    snapshot();
    sh('dd if=/dev/zero of="$1" bs=1k seek=1 count=1 conv=notrunc status=none', join(root, 'copy'));

    expect(run('check', COPY)).toMatch(/part=0 (skipped=no-file-system|filesystem=ext4 failed=mount)/);
  });
});
