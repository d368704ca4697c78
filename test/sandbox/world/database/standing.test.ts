import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { giveToServerUser } from '../../../../sandbox/world/database/binaries.ts';
import { makeCertificates, type ServerCertificate } from '../../../../sandbox/world/database/certificates.ts';
import type { DatabaseServer } from '../../../../sandbox/world/database/database-server.ts';
import { StandingDatabases } from '../../../../sandbox/world/database/standing.ts';

let folder: string;
let certificate: ServerCertificate;
let standing: StandingDatabases;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lights-out-standing-'));
  await giveToServerUser(folder);
  certificate = await makeCertificates(Date.now());
  standing = await StandingDatabases.create({
    engine: 'postgres',
    certificate,
    workDirectory: folder,
    database: 'crm',
    reader: 'lights_out',
  });
}, 120_000);
afterAll(async () => {
  await standing.stop();
  await rm(folder, { recursive: true, force: true });
});

const makeServer = (): DatabaseServer =>
  standing.makeServer({ dataDirectory: '', certificate, password: '', front: undefined });

async function contents(server: DatabaseServer): Promise<string> {
  const session = await server.signIn('crm', 'test');
  const sums = ['accounts', 'contacts', 'opportunities', 'activities', 'attachments'].map(
    (table) => `(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ${table} AS t)`,
  );
  const answer = await session.query(`SELECT concat_ws(' ', ${sums.join(', ')}) AS sums`);
  await session.end();
  return String((answer as { rows: { sums: string }[] }).rows[0]?.sums);
}

it('a row that is changed while the source is off is in no copy, and is put back for the next run', {
  timeout: 60_000,
}, async () => {
  await standing.reset();
  const [source, copy] = [makeServer(), makeServer()];
  const before = await contents(source);
  expect(await contents(copy)).toBe(before);

  await source.stop();
  await source.start();
  expect(await contents(source)).toBe(before);
  await source.changeOneKeyedCell('crm', undefined);

  expect(await contents(source)).not.toBe(before);
  expect(await contents(copy)).toBe(before);
  await standing.reset();
  expect(await contents(makeServer())).toBe(before);
});
