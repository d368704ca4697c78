import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { BadInputError } from '../../../bad-input.ts';

const run = promisify(execFile);

/** The programs of a MariaDB that is installed on this machine. */
export interface MariadbPrograms {
  server: string;
  /** Makes an empty data directory. */
  install: string;
  /** The client, which knows how files of statements are to be read. */
  client: string;
  /** `10.11.19`. */
  version: string;
}

/** Debian's package puts the server where only the administrator's PATH looks. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @throws BadInputError when MariaDB is not installed. */
export async function findMariadb(): Promise<MariadbPrograms> {
  const [server, install, client] = ['mariadbd', 'mariadb-install-db', 'mariadb'].map(find);
  if (server === undefined || install === undefined || client === undefined) {
    throw new BadInputError(
      'the system’s database runs MySQL or MariaDB, which is rehearsed on a MariaDB server, and this machine has none; ' +
        `expected mariadbd, mariadb-install-db and mariadb on the PATH or in ${MORE_FOLDERS.join(', ')}: install them (Debian and Ubuntu: apt-get install mariadb-server)`,
    );
  }
  const { stdout } = await run(server, ['--no-defaults', '--version']);
  const version = /Ver (\d+\.\d+\.\d+)-MariaDB/.exec(stdout)?.[1];
  if (version === undefined) throw new BadInputError(`${server}: expected a MariaDB server, found ${stdout}`);
  return { server, install, client, version };
}

/** @returns undefined when no folder holds the program. */
function find(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
