import type mysql from 'mysql2/promise';
import type { DatabaseServer, FirstContents, Reader, SandboxEngine, Session } from '../database-server.ts';
import { SeedSqlError } from '../sql-statements.ts';
import { layOut, takeBackup } from './backup.ts';
import { loadCrm } from './crm.ts';
import { greetMariadb } from './greeting.ts';
import { findMariadb } from './programs.ts';
import { MariadbServer } from './server.ts';
import { loadSqlFile } from './sql-file.ts';
import { changeOneCell } from './tamper.ts';

/**
 * The MariaDB that is installed on this machine. It plays MySQL too, which speaks the same protocol.
 *
 * @throws BadInputError when MariaDB is not installed.
 */
export async function mariadbEngine(engine: 'mysql' | 'mariadb'): Promise<SandboxEngine> {
  const programs = await findMariadb();
  const family = programs.version.split('.').slice(0, 2).join('.');
  return {
    facts: {
      engine,
      version: programs.version,
      licenseModel: 'general-public-license',
      masterUser: 'admin',
      family: `${engine}${family}`,
      optionFamily: `${engine}-${family.replace('.', '-')}`,
    },
    makeServer: (options) => new MariadbDatabase({ ...options, programs }),
    greeting: greetMariadb,
  };
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A MariaDB server with a CRM in it. */
class MariadbDatabase extends MariadbServer implements DatabaseServer {
  async fill({ reader, database, seedSql, rows }: FirstContents): Promise<string[]> {
    const admin = await this.connect();
    try {
      await admin.query(`CREATE DATABASE ${quoted(database)}`);
      if (seedSql === undefined) {
        await admin.changeUser({ database });
        await loadCrm(admin, rows);
      } else {
        await loadSqlFile(seedSql, this, database);
        await createDefiners(admin);
      }
      const databases = await databasesWithTables(admin);
      if (seedSql !== undefined && databases.length === 0)
        throw new SeedSqlError(
          seedSql,
          1,
          '',
          'the file makes no table; expected SQL, such as mysqldump output',
        );
      // The file brought a database of its own: the empty one that was made for it would only confuse.
      if (!databases.includes(database)) await admin.query(`DROP DATABASE ${quoted(database)}`);
      for (const statement of readerStatements(reader, databases)) await admin.query(statement);
      return databases;
    } finally {
      await admin.end();
    }
  }

  takeBackup(target: string): Promise<void> {
    return takeBackup(this, target);
  }

  layOut(backup: string): Promise<void> {
    return layOut(backup, this.options.dataDirectory);
  }

  async changeOneCell(database: string, table: string | undefined): Promise<void> {
    const connection = await this.connect(database);
    await changeOneCell(connection, table).finally(() => connection.end());
  }

  async changeOneKeyedCell(database: string, table: string | undefined): Promise<void> {
    const connection = await this.connect(database);
    await changeOneCell(connection, table, { keyed: true }).finally(() => connection.end());
  }

  async writeLate(database: string, table: string | undefined, undone: boolean): Promise<void> {
    const connection = await this.connect(database);
    try {
      const { undo } = await changeOneCell(connection, table);
      if (undone) await undo();
    } finally {
      await connection.end();
    }
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.connect(database, applicationName);
  }
}

async function databasesWithTables(admin: mysql.Connection): Promise<string[]> {
  const [rows] = await admin.query<mysql.RowDataPacket[]>(
    `SELECT DISTINCT TABLE_SCHEMA AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1`,
  );
  return rows.map((row) => String(row['name']));
}

/** A dump names the users of the server it came from as owners of views and code: they are made, without a way to sign in. */
async function createDefiners(admin: mysql.Connection): Promise<void> {
  const [rows] = await admin.query<mysql.RowDataPacket[]>(
    `SELECT DEFINER AS definer FROM information_schema.VIEWS WHERE TABLE_SCHEMA <> 'sys'
      UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('sys', 'mysql')
      UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA <> 'sys'
      UNION SELECT DEFINER FROM information_schema.EVENTS`,
  );
  for (const { definer } of rows as { definer: string }[]) {
    const [user, host = '%'] = definer.split(/@(?=[^@]*$)/);
    await admin.query('CREATE USER IF NOT EXISTS ?@? ACCOUNT LOCK', [user, host]);
  }
}

/** The statements of docs/deploy.md. */
function readerStatements({ user, password }: Reader, databases: string[]): string[] {
  const signsIn =
    password === undefined
      ? // In place of RDS's AWSAuthenticationPlugin: the front, which judges the token, has this certificate.
        `REQUIRE SUBJECT '/CN=${user}'`
      : `IDENTIFIED BY '${password}' REQUIRE SSL`;
  return [
    `CREATE USER '${user}'@'%' ${signsIn}`,
    ...databases.map(
      (name) => `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON ${quoted(name)}.* TO '${user}'@'%'`,
    ),
    `GRANT SELECT ON mysql.proc TO '${user}'@'%'`,
    `GRANT PROCESS ON *.* TO '${user}'@'%'`,
  ];
}
