import { open, readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Changes one byte in the middle of one file. Size and name stay; so does the time of its last change when `silent`, as with a disk that
 * forgets.
 */
export async function changeOneFile(folder: string, silent: boolean): Promise<void> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { size, atime, mtime } = await stat(file);
    if (size === 0) continue;
    const handle = await open(file, 'r+');
    try {
      const byte = Buffer.alloc(1);
      const at = Math.floor(size / 2);
      await handle.read(byte, 0, 1, at);
      byte.writeUInt8((byte.readUInt8(0) + 1) % 256, 0);
      await handle.write(byte, 0, 1, at);
    } finally {
      await handle.close();
    }
    if (silent) await utimes(file, atime, mtime);
    return;
  }
}
