import { describe, expect, it } from 'vitest';
import { tryOut } from '../../../engines/try-out.ts';
import { standing } from './standing.ts';

const stage = standing();
const ROWS =
  'CREATE TABLE account (id int PRIMARY KEY, name text); INSERT INTO account SELECT g, g FROM generate_series(1, 50) AS g;';

describe('trying the comparison out', () => {
  it('finds nothing against a server that can do it, and reads one row of each table at most', async () => {
    const name = await stage.database(`${ROWS} CREATE TABLE nothing (id int)`);
    const engine = stage.server.engine();

    expect(await tryOut(engine, 'database crm-db', [name])).toEqual([]);

    const reading = await engine.open(name);
    const reader = await reading.reader();
    const { tables } = await reading.survey();
    const read = await reader.read(tables.map((table) => ({ table: table.name, sample: true })));
    expect(read.map(({ rows }) => rows).sort()).toEqual([0, 1]);
    await reader.close();
    await reading.close();
  });

  it('says which database a server cannot hash, before anybody has to leave for it', async () => {
    const [works, lacks] = [await stage.database(ROWS), await stage.database(ROWS)];
    // As on a server that does not have the function at all.
    await stage.server.sql(
      `REVOKE EXECUTE ON FUNCTION hashtextextended(text, bigint) FROM PUBLIC;
       CREATE ROLE plain LOGIN PASSWORD 'only-for-tests'; GRANT USAGE ON SCHEMA public TO plain; GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain`,
      lacks,
    );
    await stage.server.sql('GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain', works);
    const engine = stage.server.engine((database) => stage.server.reader(database, 'plain'));

    expect(await tryOut(engine, 'database crm-db', [works, lacks])).toEqual([
      {
        resource: 'database crm-db',
        problem: expect.stringMatching(`tried on one row.*"${lacks}".*function hashtextextended`),
        remedy: expect.stringContaining('locked out'),
      },
    ]);
  });
});
