import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyFolder } from '../../../../sandbox/world/servers/copy-folder.ts';
import { writeCrmFiles } from '../../../../sandbox/world/servers/crm-files.ts';

/** Everything of a folder that the digest of a volume, or a user, could see. */
function look(folder: string): unknown[] {
  return ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()].map((path) => {
    const full = join(folder, path);
    const { mode, uid, gid, mtimeNs, size } = lstatSync(full, { bigint: true });
    const stat = lstatSync(full);
    const contents = stat.isFile()
      ? readFileSync(full, 'utf8')
      : stat.isSymbolicLink()
        ? readlinkSync(full)
        : '';
    return { path, mode, uid, gid, mtimeNs, contents, ...(stat.isFile() ? { size } : {}) };
  });
}

describe('copy of a folder', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lights-out-copy-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('of the CRM is what cp -a makes, to the nanosecond', async () => {
    const from = join(root, 'from');
    await writeCrmFiles(from, 'web-1', 2);
    const customer = join(from, 'attachments', 'customer-0001');
    chmodSync(join(customer, readdirSync(customer)[0] ?? ''), 0o640);
    chmodSync(join(from, 'lost+found'), 0o700);
    execFileSync('/bin/cp', ['-a', from, join(root, 'as cp')]);

    copyFolder(from, join(root, 'copy'));

    expect(look(join(root, 'copy'))).toEqual(look(join(root, 'as cp')));
    expect(look(join(root, 'copy'))).toEqual(look(from));
  });

  it('keeps a link as a link, also one to nowhere', () => {
    symlinkSync('/nowhere', join(root, 'link'));

    copyFolder(join(root, 'link'), join(root, 'copied'));

    expect(readlinkSync(join(root, 'copied'))).toBe('/nowhere');
  });
});
