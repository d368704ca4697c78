import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InspectQuestion, SessionFilter } from '../../../engines/engine.ts';
import { hasMariadb, type MariadbServer, PASSWORD, startMariadb } from '../../support/mariadb-server.ts';

const SCHEMA = `
  CREATE TABLE account (id int PRIMARY KEY, name varchar(50)); INSERT INTO account VALUES (1, 'a');
  CREATE TABLE deal (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM account;
  CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN 2 * n;
`;

const question = (user: string, changes: Partial<InspectQuestion> = {}): InspectQuestion => ({
  resource: 'database crm-db',
  user,
  wanted: ['c_m'],
  drain: { policy: 'abort', timeoutMinutes: 15, ignoreUsers: [], ignoreApplications: [] },
  ...changes,
});

describe.skipIf(!hasMariadb)('MariaDB', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await startMariadb();
    await server.sql('CREATE DATABASE c_m; CREATE DATABASE hr; CREATE DATABASE nothing');
    await server.sql(SCHEMA, 'c_m');
    for (const user of ['whole', 'some', 'none', 'role_only', 'person', 'worker'])
      await server.sql(`CREATE USER ${user}@'%' IDENTIFIED BY '${PASSWORD}'`);
    await server.sql(`
      GRANT PROCESS ON *.* TO whole; GRANT SELECT ON mysql.proc TO whole;
      GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON \`c\\_m\`.* TO whole;
      GRANT SELECT ON c_m.account TO some; GRANT INSERT ON c_m.deal TO some; GRANT EXECUTE ON c_m.* TO some;
      CREATE ROLE reader; GRANT PROCESS ON *.* TO reader; GRANT SELECT ON mysql.proc TO reader;
      GRANT ALL PRIVILEGES ON c_m.* TO reader; GRANT reader TO role_only; SET DEFAULT ROLE reader FOR role_only;
      GRANT ALL PRIVILEGES ON c_m.* TO person; GRANT ALL PRIVILEGES ON hr.* TO person; GRANT ALL PRIVILEGES ON c_m.* TO worker`);
  });
  afterAll(async () => server?.stop());

  const inspect = (user: string, changes: Partial<InspectQuestion> = {}) =>
    server.engine(() => server.reader(user)).inspect(question(user, changes));

  describe('what would keep a backup from being proved', () => {
    it.each(['whole', 'role_only'])('is nothing for the user "%s"', async (user) => {
      expect(await inspect(user)).toMatchObject({
        version: expect.stringMatching(/MariaDB/),
        databases: [{ name: 'c_m', tables: 2, bytes: expect.any(Number) }],
        reasons: [],
      });
    });

    it('is every missing privilege, each with the statement that gives it', async () => {
      const { reasons } = await inspect('some');

      expect(reasons.map(({ remedy }) => remedy)).toEqual([
        "run: GRANT PROCESS ON *.* TO 'some'@'%';",
        "run: GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `c\\_m`.* TO 'some'@'%';",
        "run: GRANT SELECT ON mysql.proc TO 'some'@'%';",
      ]);
      expect(reasons[1]?.problem).toMatch(/lacks SELECT.*could be hidden.*may not read `deal`$/);
      expect(reasons[2]?.problem).toMatch(/bodies of `twice`/);
    });

    it('is gone once the statements were run', async () => {
      const { reasons } = await inspect('some');
      for (const { remedy } of reasons) await server.sql(remedy.replace(/^run: /, ''));

      expect((await inspect('some')).reasons).toEqual([]);
    });

    it.each<[string, string, Partial<InspectQuestion>, RegExp]>([
      ['a database that is hidden', 'none', {}, /no database "c_m" that user "none" may see.*sees none/],
      ['a database that is not there', 'root', { wanted: ['crm'] }, /no database "crm".*"c_m"/],
      ['no table at all', 'root', { wanted: ['nothing'] }, /no database on it holds a table/],
      [
        'applications that nobody can tell apart',
        'whole',
        { drain: { ...question('whole').drain, ignoreApplications: ['batch'] } },
        /ignoreApplications would leave nobody out/,
      ],
      [
        'a query that fails',
        'whole',
        { drain: { ...question('whole').drain, sessionQuery: 'SELECT nonsense' } },
        /sessionQuery failed \(ER_BAD_FIELD_ERROR/,
      ],
    ])('is %s', async (_what, user, changes, words) => {
      const { reasons } = await inspect(user, changes);

      expect(reasons.map(({ problem }) => problem).join('\n')).toMatch(words);
      expect(reasons.every(({ resource }) => resource === 'database crm-db')).toBe(true);
    });

    it('is a refused connection, with what to do', async () => {
      const engine = server.engine(() => server.reader('whole', 'wrong'));
      const error: unknown = await engine.inspect(question('whole')).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringMatching(/ER_ACCESS_DENIED_ERROR/),
      });
      expect(engine.remedy(error)).toMatch(/store the right password/);
    });
  });

  describe('the first value of a statement', () => {
    const first = (statement: string) =>
      server.engine(() => server.reader('root')).firstValue('c_m', statement);

    it('is of its database, as text', async () => {
      expect(await first('SELECT COUNT(*), 2 FROM account')).toBe('1');
      expect(await first('SELECT DATABASE()')).toBe('c_m');
      expect(await first('SELECT NULL')).toBeNull();
      expect(await first('SELECT 1 WHERE FALSE')).toBeUndefined();
    });

    it('is of a statement that cannot write', async () => {
      await expect(first('DELETE FROM account')).rejects.toThrow(/READ ONLY/);
    });
  });

  describe('sessions', () => {
    const nobody: SessionFilter = { ignoreUsers: [], ignoreApplications: [] };
    const count = (filter: SessionFilter, user = 'root') =>
      server.engine(() => server.reader(user)).countSessions(filter);

    it('are people’s, in the databases asked for or in none yet', async () => {
      const people = await Promise.all([
        server.reader('person'),
        server.reader('person'),
        server.reader('worker'),
        server.reader('worker'),
      ]);
      try {
        await people[0]?.query('USE c_m');
        await people[1]?.query('USE hr');
        await people[2]?.query('USE c_m');

        expect(await count(nobody)).toBe(4);
        expect(await count({ ...nobody, databases: ['c_m'] })).toBe(3);
        expect(await count({ ...nobody, databases: ['C_M'], ignoreUsers: ['worker'] })).toBe(1);
        expect(await count(nobody, 'whole')).toBe(4);
      } finally {
        for (const connection of people) await connection.close();
      }
    });

    it('are what the system’s own query says', async () => {
      expect(await count({ ...nobody, sessionQuery: 'SELECT COUNT(*) FROM c_m.account' })).toBe(1);
    });

    it.each([
      ['no row', 'SELECT 1 WHERE FALSE', /got 0 rows/],
      ['two rows', 'SELECT 1 UNION ALL SELECT 2', /got 2 rows/],
      ['two columns of one name', 'SELECT 1, 1', /got 2 columns/],
      ['NULL', 'SELECT NULL', /something else/],
      ['a fraction', 'SELECT 1.5', /something else/],
      ['two statements', 'SELECT 1; SELECT 2', /ER_PARSE_ERROR/],
      ['a write', "UPDATE c_m.account SET name = 'b'", /READ_ONLY/],
      ['a new table', 'CREATE TABLE c_m.t (id int)', /READ_ONLY/],
    ])('refuse a query that gives %s', async (_what, sessionQuery, words) => {
      await expect(count({ ...nobody, sessionQuery })).rejects.toMatchObject({
        name: 'InvalidConfiguration',
        message: expect.stringMatching(words),
      });
      const reader = await server.reader();
      const [row] = await reader.query('SELECT name FROM c_m.account');
      await reader.close();
      expect(row).toEqual({ name: 'a' });
    });
  });
});
