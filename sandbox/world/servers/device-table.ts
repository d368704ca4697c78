import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block device as a server sees it; a file system is a folder. */
export interface BlockDevice {
  /** `nvme1n1`. */
  name: string;
  /** Of NVMe: the volume's id without its hyphen. */
  serial: string;
  bytes: number;
  filesystem: string;
  folder: string;
  /** Empty when it is not mounted. */
  mountPoint: string;
}

/** File that a server's `lsblk`, `blkid`, `findmnt` and `mount` answer from: a line a device. */
export function deviceTable(root: string): string {
  return join(root, '.devices');
}

export function deviceLine(device: BlockDevice): string {
  const { name, serial, bytes, filesystem, folder, mountPoint } = device;
  return [name, serial, bytes, filesystem, folder, mountPoint].join('|');
}

export function readDevices(root: string): BlockDevice[] {
  const file = deviceTable(root);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', serial = '', bytes = '', filesystem = '', folder = '', mountPoint = ''] =
        line.split('|');
      return { name, serial, bytes: Number(bytes), filesystem, folder, mountPoint };
    });
}
