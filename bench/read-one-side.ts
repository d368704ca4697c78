import { readFileSync } from 'node:fs';
import pg from 'pg';
import { sessionOptions } from '../engines/postgres/connection.ts';
import { postgresEngine } from '../engines/postgres/engine.ts';
import { recordManifest } from '../engines/recorder.ts';

/**
 * A process of its own, as the function is: reads one database as a run does and prints rows, seconds, statements and the most
 * memory it held. Port, authority and password come by the environment.
 */
const {
  BENCH_PORT: port = '',
  BENCH_AUTHORITY: authority = '',
  BENCH_PASSWORD: password = '',
} = process.env as Record<string, string | undefined>;

let statements = 0;

async function connect(database: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'postgres',
    password,
    database,
    options: sessionOptions(),
    ssl: { ca: readFileSync(authority, 'utf8') },
  });
  await client.connect();
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  client.query = ((...parameters: unknown[]) => {
    statements += 1;
    return query(...parameters);
  }) as typeof client.query;
  return client;
}

const begun = performance.now();
const { manifest } = await recordManifest(
  postgresEngine({ address: '127.0.0.1', port: Number(port), home: ['crm'], connect }),
  { databases: ['crm'] },
);
const seconds = (performance.now() - begun) / 1000;
const rows = manifest.databases.flatMap((each) => each.tables).reduce((sum, table) => sum + table.rows, 0);
const memoryMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ rows, seconds, statements, memoryMebibytes }));
