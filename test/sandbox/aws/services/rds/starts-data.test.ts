import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { letIntakeWrite } from '../../../../../sandbox/rehearsal/start-faults.ts';
import { giveToServerUser } from '../../../../../sandbox/world/database/binaries.ts';
import { makeCertificates } from '../../../../../sandbox/world/database/certificates.ts';
import { FEW_ROWS } from '../../../../../sandbox/world/database/crm.ts';
import { sandboxEngine } from '../../../../../sandbox/world/database/engines.ts';
import type { ServerWorld } from '../../../../../sandbox/world/servers/world.ts';
import { system } from '../../../../functions/fixtures.ts';
import { hasMariadb } from '../../../../support/mariadb-server.ts';
import { begin } from './stop-and-start.ts';

/** Ten minutes, in seconds: a start is over then. */
const STARTS_WITHIN = 600;

const ENGINES = [
  {
    engine: 'postgres' as const,
    isHere: true,
    heap: "CREATE TABLE heap AS SELECT n, repeat('x', 500) AS filling FROM generate_series(1, 5000) AS n",
    rows: (table: string) => `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ${table} AS t`,
  },
  {
    engine: 'mariadb' as const,
    isHere: hasMariadb,
    heap: "CREATE TABLE heap AS SELECT seq AS n, repeat('x', 500) AS filling FROM seq_1_to_5000",
    // Not CHECKSUM TABLE: MariaDB 10.11 gives another sum for the same rows after a restart.
    rows: (table: string) => `SELECT * FROM ${table} ORDER BY 1`,
  },
];
const TABLES = ['accounts', 'contacts', 'opportunities', 'activities', 'attachments', 'heap'];

describe.each(ENGINES.filter(({ isHere }) => isHere))(
  'the data of a stopped $engine',
  { timeout: 120_000 },
  ({ engine, heap, rows }) => {
    async function beginFor(...faults: object[]) {
      const folder = await mkdtemp(join(tmpdir(), 'lights-out-starts-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await giveToServerUser(folder);
      const own = await begin('instance', faults, {
        engine: await sandboxEngine(engine, folder),
        certificate: await makeCertificates(Date.now()),
        workDirectory: folder,
        rows: FEW_ROWS,
      });
      const { rds, status, start, stop } = own;
      onTestFinished(() => rds.world.stop());
      const ask = async (sql: string): Promise<unknown> => {
        const session = await rds.world.signIn('test');
        const answer = await session.query(sql).finally(() => session.end());
        return Array.isArray(answer) ? answer[0] : (answer as { rows: unknown }).rows;
      };
      const contents = async (): Promise<Record<string, string>> => {
        const found: Record<string, string> = {};
        for (const table of TABLES) found[table] = JSON.stringify(await ask(rows(table)));
        return found;
      };
      /** The real server takes real time. */
      const stopped = async (): Promise<void> => {
        await stop();
        await vi.waitUntil(async () => (await status()) === 'stopped', { timeout: 20_000 });
      };
      const restart = async (): Promise<void> => {
        await stopped();
        await expect(rds.world.signIn('test')).rejects.toThrow(/ECONNREFUSED/);
        await start();
        await rds.pass(STARTS_WITHIN);
        await vi.waitUntil(async () => (await status()) === 'available', { timeout: 20_000 });
      };
      await ask(heap);
      return { ...own, contents, stopped, restart };
    }
    const differing = (before: Record<string, string>, after: Record<string, string>): string[] =>
      TABLES.filter((table) => before[table] !== after[table]);

    it('is the same afterwards', async () => {
      const { contents, restart } = await beginFor();
      const before = await contents();

      await restart();

      expect(differing(before, await contents())).toEqual([]);
    });

    it('changed-while-off: one row differs, of a table with a primary key, and once', async () => {
      const { contents, restart, struck } = await beginFor({ world: 'changed-while-off' });
      const before = await contents();

      await restart();

      const changed = await contents();
      expect(differing(before, changed)).toHaveLength(1);
      expect(differing(before, changed)).not.toContain('heap');
      expect(struck).toContain('changed-while-off');
      await restart();
      expect(differing(changed, await contents())).toEqual([]);
    });

    it('intake-writes-at-start: a row changes once the service is up, where the database takes connections', async () => {
      const { rds, contents, stopped, struck } = await beginFor({
        world: 'intake-writes-at-start',
        service: 'crm-api',
        table: 'contacts',
      });
      const servers = { options: { deployment: { config: system() } } } as unknown as ServerWorld;
      letIntakeWrite(servers, rds.world);
      const before = await contents();

      servers.onServiceBoot('another');
      await rds.world.written;
      expect(differing(before, await contents())).toEqual([]);
      servers.onServiceBoot('crm-api');
      await rds.world.written;

      expect(differing(before, await contents())).toEqual(['contacts']);
      expect(struck).toContain('intake-writes-at-start');
      struck.clear();
      await stopped();
      servers.onServiceBoot('crm-api');
      await rds.world.written;
      expect(struck.size).toBe(0);
    });
  },
);
