import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type BlockDevice, readDevices } from './device-table.ts';
import type { ScriptAnswer } from './supervisor.ts';

/**
 * Answers the volumes' document as its Linux script does, without a shell: the same lines, the same digests, of file systems that are
 * folders.
 */
export function answerForVolumes(root: string, parameters: Record<string, string>): ScriptAnswer {
  const { Action = '', Volumes = '', Contents = 'no' } = parameters;
  const lines: string[] = [];
  if (Action === 'flush' || Action === 'record') lines.push('lights-out volumes=flushed');
  if (Action === 'release') lines.push('lights-out volumes=released');
  if (Action === 'record' || Action === 'check') {
    const devices = readDevices(root);
    for (const id of Volumes.split(' ').flatMap((each) => each.split(':')[0] ?? [])) {
      const device = devices.find(({ serial }) => serial === id.replace('-', ''));
      lines.push(...volumeLines(id, device, Action, Contents === 'yes'));
    }
  }
  return { code: 0, output: lines.map((line) => `${line}\n`).join(''), errors: '' };
}

function volumeLines(
  id: string,
  device: BlockDevice | undefined,
  action: string,
  contents: boolean,
): string[] {
  const part = `lights-out volume=${id} part=0`;
  if (device === undefined) return [`${part} skipped=device-not-found`];
  const size = `lights-out volume=${id} bytes=${device.bytes}`;
  if (action === 'record' && device.mountPoint === '') return [size, `${part} skipped=not-mounted`];
  return [size, `${part} filesystem=${device.filesystem} ${readFiles(device.folder, contents)}`];
}

/** As `find -printf` of the script writes them: kind, mode, owner, time, and size or the link's target, then the path. */
function readFiles(folder: string, contents: boolean): string {
  const entries: Buffer[] = [];
  const files: { path: string; bytes: number }[] = [];
  const visit = (path: string): void => {
    const full = join(folder, path);
    const { mode, uid, gid, mtimeNs, size } = lstatSync(full, { bigint: true });
    const stat = lstatSync(full);
    const time = `${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}0`;
    const owned = `${(mode & 0o7777n).toString(8)} ${uid} ${gid} ${time}`;
    if (stat.isFile()) {
      files.push({ path, bytes: Number(size) });
      entries.push(Buffer.from(`f ${owned} ${size} ${path}\0`));
      return;
    }
    const target = stat.isSymbolicLink() ? readlinkSync(full) : '';
    entries.push(Buffer.from(`${stat.isDirectory() ? 'd' : 'l'} ${owned} ${target} ${path}\0`));
    if (stat.isDirectory()) for (const name of readdirSync(full)) visit(join(path, name));
  };
  visit('');
  const hash = createHash('sha256');
  for (const entry of entries.sort(Buffer.compare)) hash.update(entry);
  if (contents) {
    const paths = files.map(({ path }) => Buffer.from(`./${path}\0`)).sort(Buffer.compare);
    for (const path of paths) {
      const name = path.subarray(0, -1).toString();
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      hash.update(`${digest}  ${name}\n`);
    }
  }
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  return `files=${files.length} size=${size} digest=${hash.digest('hex')}`;
}
