import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceTable } from './device-table.ts';

/**
 * Folders that are empty after a start: in memory, or emptied by systemd-tmpfiles.
 * https://www.freedesktop.org/software/systemd/man/latest/file-hierarchy.html
 */
const EMPTIED = ['run', 'var/run', 'dev/shm', 'tmp'];

/** Empties what a start of the server empties. @param root - the server's own folder. */
export async function emptyMemory(root: string): Promise<void> {
  for (const folder of EMPTIED) await rm(join(root, folder), { recursive: true, force: true });
}

/** File that says so of a server's file systems: its `findmnt` looks for it. */
export const inMemoryMark = (root: string): string => `${deviceTable(root)}.in-memory`;

/** The file systems of the server are in memory, as its `findmnt` says from now on. */
export async function liveInMemory(root: string): Promise<void> {
  await writeFile(inMemoryMark(root), '');
}
