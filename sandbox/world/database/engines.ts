import type { SystemConfig } from '../../../functions/contract/config.ts';
import { BadInputError } from '../../bad-input.ts';
import type { SandboxEngine } from './database-server.ts';
import { mariadbEngine } from './mariadb/mariadb.ts';
import { sandboxPostgres } from './postgres.ts';

/**
 * The engine of a system on this machine.
 *
 * @throws BadInputError when this machine has no server of it.
 */
export async function sandboxEngine(
  engine: SystemConfig['database']['engine'],
  workDirectory: string,
): Promise<SandboxEngine> {
  switch (engine) {
    case 'postgres':
      return sandboxPostgres(workDirectory);
    case 'mysql':
    case 'mariadb':
      return mariadbEngine(engine);
    case 'sqlserver':
      throw new BadInputError(
        'database.engine "sqlserver": there is no SQL Server for this machine that a rehearsal could start; rehearse with a system on PostgreSQL, MySQL or MariaDB',
      );
  }
}
