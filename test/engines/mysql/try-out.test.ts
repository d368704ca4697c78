import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryOut } from '../../../engines/try-out.ts';
import { hasMariadb, type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';

describe.skipIf(!hasMariadb)('trying the comparison out on MariaDB', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
    await server.sql('CREATE DATABASE crm');
    await server.sql(
      'CREATE TABLE account (id int PRIMARY KEY); INSERT INTO account VALUES (1), (2), (3)',
      'crm',
    );
  });
  afterAll(async () => server?.stop());

  it('finds nothing against it, and reads one row', async () => {
    const engine = server.engine();

    expect(await tryOut(engine, 'database crm-db', ['crm'])).toEqual([]);

    const reading = await engine.open('crm');
    const reader = await reading.reader();
    const [table] = (await reading.survey()).tables;
    expect(await reader.read([{ table: table?.name ?? '', sample: true }])).toMatchObject([{ rows: 1 }]);
    await reader.close();
    await reading.close();
  });

  it('says what the server lacks, as MySQL 9.6 lacks MD5() without a component', async () => {
    // The statement that the engine makes, sent to a server that does not know its function.
    const engine = server.engine(async () => {
      const connection = await server.reader();
      const query = connection.query.bind(connection);
      connection.query = (sql, ...values) => query(sql.replaceAll('MD5(', 'MD5_of_a_component('), ...values);
      return connection;
    });

    expect(await tryOut(engine, 'database crm-db', ['crm'])).toEqual([
      expect.objectContaining({ problem: expect.stringMatching(/database "crm", table .*account/) }),
    ]);
  });
});
