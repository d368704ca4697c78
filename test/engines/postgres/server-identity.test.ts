import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { lookAtServer } from '../../../engines/postgres/server-identity.ts';

/** A server that answers what it is asked, and the question for the position of its log as told. */
const server = (position: () => unknown): pg.Client =>
  ({
    query: async (sql: string) => {
      if (sql.includes('pg_current_wal_insert_lsn')) return { rows: [position()] };
      if (sql.includes('has_function_privilege')) return { rows: [{ allowed: false }] };
      return { rows: [{ started: '2026-11-27T10:00:00.000000Z', version: '17.4', existing: ['crm'] }] };
    },
  }) as unknown as pg.Client;
const where = { address: 'crm.example', port: 5432 };
const failing = (code: string) => () => {
  throw Object.assign(new Error("wal_level must be set to 'logical'"), { code });
};

describe('the look at a PostgreSQL server', () => {
  it('tells the position of its log', async () => {
    expect(
      (
        await lookAtServer(
          server(() => ({ position: '0/1A2B' })),
          where,
        )
      ).server,
    ).toMatchObject({
      writePosition: '0/1A2B',
    });
  });

  it.each(['55000', '0A000'])('does without where Aurora refuses to tell it (%s)', async (code) => {
    const look = await lookAtServer(server(failing(code)), where);

    expect(look).toMatchObject({ engineVersion: '17.4', databases: ['crm'] });
    expect(look.server).not.toHaveProperty('writePosition');
  });

  it('hands on any other error', async () => {
    await expect(lookAtServer(server(failing('08006')), where)).rejects.toMatchObject({ code: '08006' });
  });
});
