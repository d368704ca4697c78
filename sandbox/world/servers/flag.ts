import { existsSync, readFileSync } from 'node:fs';

/** What a flag file of ours holds, as `lib/documents/maintenance.sh` writes it. */
export const MARK = 'lights-out maintenance';

/** What stands at the path of a flag file. */
export function flagAt(path: string): 'none' | 'ours' | 'foreign' {
  if (!existsSync(path)) return 'none';
  return readFileSync(path, 'utf8').trim() === MARK ? 'ours' : 'foreign';
}
