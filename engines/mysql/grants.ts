import { type MysqlConnection, quoteName } from './connection.ts';

/** One GRANT or REVOKE of a user, as the server prints it. */
interface Grant {
  revoked: boolean;
  /** In capitals. `ALL PRIVILEGES` stands for all of them. */
  privileges: Set<string>;
  /** `*` for every database. The name may hold the wildcards of LIKE. */
  database: string;
  /** `*` for every table. */
  table: string;
}

/** The rights of a connection's user. */
export class Grants {
  readonly #grants: Grant[];
  /** The user, as a GRANT names it. */
  readonly grantee: string;

  constructor(grantee: string, statements: string[]) {
    this.grantee = grantee;
    this.#grants = statements.flatMap(parseGrant);
  }

  /** True when the user has a privilege on the whole server, or on everything in a database. */
  has(privilege: string, database?: string): boolean {
    const applies = (grant: Grant): boolean =>
      grant.table === '*' &&
      (grant.database === '*' || (database !== undefined && matches(grant.database, database))) &&
      (grant.privileges.has(privilege) || grant.privileges.has('ALL PRIVILEGES'));
    return (
      this.#grants.some((grant) => !grant.revoked && applies(grant)) &&
      // MySQL's partial revokes take a global privilege back for one database.
      !this.#grants.some((grant) => grant.revoked && applies(grant))
    );
  }

  /** True when the user may read every column of one table, by any grant. */
  mayRead(database: string, table: string): boolean {
    return (
      this.has('SELECT', database) ||
      this.#grants.some(
        (grant) =>
          !grant.revoked &&
          grant.database === database &&
          grant.table === table &&
          (grant.privileges.has('SELECT') || grant.privileges.has('ALL PRIVILEGES')),
      )
    );
  }
}

/** Reads the grants of the connection's user, and those of the roles that are active. */
export async function readGrants(connection: MysqlConnection): Promise<Grants> {
  const [who] = await connection.query('SELECT CURRENT_USER() AS account');
  const using = connection.engine === 'mariadb' ? '' : await activeRoles(connection);
  const rows = await connection.values(`SHOW GRANTS FOR CURRENT_USER()${using}`);
  // MariaDB lists the grants of the active role after the user's own, if the question names no user.
  const ofRole = connection.engine === 'mariadb' ? await connection.values('SHOW GRANTS') : [];
  return new Grants(
    accountName(who?.['account'] ?? ''),
    [...rows, ...ofRole].map(([statement]) => statement ?? ''),
  );
}

/** `USING` with the roles. MySQL before 8 knows none. */
async function activeRoles(connection: MysqlConnection): Promise<string> {
  if (/^5\./.test(connection.version)) return '';
  const [row] = await connection.query('SELECT CURRENT_ROLE() AS roles');
  const roles = row?.['roles'] ?? 'NONE';
  return roles === 'NONE' ? '' : ` USING ${roles}`;
}

/** `name@host` as GRANT wants it. The host has no `@`. */
function accountName(account: string): string {
  const at = account.lastIndexOf('@');
  return [account.slice(0, at), account.slice(at + 1)]
    .map((part) => `'${part.replaceAll("'", "''")}'`)
    .join('@');
}

const NAME = '`(?:[^`]|``)*`|\\*';
const STATEMENT = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?(${NAME})\\.(${NAME}) (?:TO|FROM) `);

function parseGrant(statement: string): Grant[] {
  const [, verb, privileges = '', database = '', table = ''] = STATEMENT.exec(statement) ?? [];
  // Roles, proxies and routines have another form, and allow no reading.
  if (verb === undefined) return [];
  return [
    {
      revoked: verb === 'REVOKE',
      // A privilege on some columns is no privilege on the table.
      privileges: new Set(
        privileges
          .replaceAll(/ [A-Z ]+\([^)]*\)|^[A-Z ]+\([^)]*\)/g, '')
          .split(',')
          .map((privilege) => privilege.trim().toUpperCase()),
      ),
      database: unquote(database),
      table: unquote(table),
    },
  ];
}

function unquote(name: string): string {
  return name === '*' ? name : name.slice(1, -1).replaceAll('``', '`');
}

/** Matches a name as a grant on a database does. `_` and `%` stand for any character and any text unless a backslash is before them. */
function matches(pattern: string, database: string): boolean {
  const expression = pattern.replaceAll(/\\([_%\\])|[_%]|[.*+?^${}()|[\]\\]/g, (found, escaped?: string) => {
    if (escaped !== undefined) return escaped === '\\' ? '\\\\' : escaped;
    if (found === '_') return '.';
    return found === '%' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${expression}$`, 'su').test(database);
}

/** A whole database as GRANT names it, with its name taken literally. */
export function everythingIn(database: string): string {
  return `${quoteName(database.replaceAll(/[_%\\]/g, (character) => `\\${character}`))}.*`;
}
