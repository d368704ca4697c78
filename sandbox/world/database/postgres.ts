import { layOut, takeBackup } from './backup.ts';
import { programs } from './binaries.ts';
import { loadCrm, type RowCounts } from './crm.ts';
import type { DatabaseServer, FirstContents, Reader, SandboxEngine, Session } from './database-server.ts';
import { greetPostgres } from './postgres-greeting.ts';
import { PostgresServer } from './server.ts';
import { loadSqlFile } from './sql-file.ts';
import { changeOneCell } from './tamper.ts';

/** The packaged PostgreSQL. @param workDirectory - where its programs are copied to if need be. */
export async function sandboxPostgres(workDirectory: string): Promise<SandboxEngine> {
  const folder = await programs(workDirectory);
  return {
    facts: {
      engine: 'postgres',
      version: '18.4',
      licenseModel: 'postgresql-license',
      masterUser: 'postgres',
      family: 'postgres18',
      optionFamily: 'postgres-18',
    },
    makeServer: (options) => new PostgresDatabase({ ...options, programs: folder }),
    greeting: greetPostgres,
  };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A PostgreSQL server with a CRM in it. */
class PostgresDatabase extends PostgresServer implements DatabaseServer {
  async fill({ reader, database, seedSql, rows }: FirstContents): Promise<string[]> {
    const admin = await this.connect('postgres');
    try {
      for (const statement of readerStatements(reader)) await admin.query(statement);
      await admin.query('CREATE ROLE crm_owner LOGIN');
      await admin.query(`CREATE DATABASE ${quoted(database)}`);
      const used = await this.load(database, seedSql, rows);
      // The file brought a database of its own: the empty one that was made for it would only confuse.
      if (!used.includes(database)) await admin.query(`DROP DATABASE ${quoted(database)}`);
      const found = await admin.query<{ name: string }>(
        `SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
      );
      const names = found.rows.map((row) => row.name);
      for (const name of names) await this.allowChecks(name, reader);
      return names;
    } finally {
      await admin.end();
    }
  }

  /** As docs/deploy.md says, so that the engine can check the copy. */
  private async allowChecks(database: string, { user }: Reader): Promise<void> {
    const client = await this.connect(database);
    try {
      await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
      await client.query(
        `GRANT EXECUTE ON FUNCTION verify_heapam(regclass, boolean, boolean, text, bigint, bigint), bt_index_parent_check(regclass, boolean), gin_index_check(regclass) TO ${quoted(user)}`,
      );
    } finally {
      await client.end();
    }
  }

  /** @returns the databases that something was loaded into. */
  private async load(
    database: string,
    seedSql: string | undefined,
    rows: RowCounts | undefined,
  ): Promise<string[]> {
    if (seedSql !== undefined)
      return (await loadSqlFile(seedSql, database, (name) => this.connect(name))).databases;
    const client = await this.connect(database);
    await loadCrm(client, rows).finally(() => client.end());
    return [database];
  }

  takeBackup(target: string): Promise<void> {
    return takeBackup(this, target);
  }

  layOut(backup: string): Promise<void> {
    return layOut(backup, this.options.dataDirectory);
  }

  async changeOneCell(database: string, table: string | undefined): Promise<void> {
    const client = await this.connect(database);
    await changeOneCell(client, table).finally(() => client.end());
  }

  async changeOneKeyedCell(database: string, table: string | undefined): Promise<void> {
    const client = await this.connect(database);
    await changeOneCell(client, table, { keyed: true }).finally(() => client.end());
  }

  async writeLate(database: string, table: string | undefined, undone: boolean): Promise<void> {
    const client = await this.connect(database);
    try {
      const { undo } = await changeOneCell(client, table);
      if (undone) await undo();
    } finally {
      await client.end();
    }
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.connect(database, applicationName);
  }
}

/** The statements of docs/deploy.md. */
function readerStatements({ user, password }: Reader): string[] {
  const name = quoted(user);
  const signsIn =
    password === undefined
      ? // RDS has the role from the start.
        ['CREATE ROLE rds_iam NOLOGIN', `CREATE USER ${name}`, `GRANT rds_iam TO ${name}`]
      : [`CREATE USER ${name} WITH PASSWORD '${password}'`];
  return [...signsIn, `GRANT pg_read_all_data TO ${name}`, `GRANT pg_read_all_stats TO ${name}`];
}
