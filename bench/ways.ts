import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { PostgresServer } from '../sandbox/world/database/server.ts';
import { PASSWORD, type Pair } from './servers.ts';

const run = promisify(execFile);
const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const OneSide = z.object({
  rows: z.number(),
  seconds: z.number(),
  statements: z.number(),
  memoryMebibytes: z.number(),
});

/** What was measured of one way to read, or to compare, a database. */
export interface Measured {
  way: string;
  /** Undefined where the way is not there on this machine. */
  seconds: number | undefined;
  /** Sides read: 1 or 2. */
  sides: 1 | 2;
  statements?: number;
  memoryMebibytes?: number;
  note?: string;
}

/** Seconds that one statement takes. */
export async function statement(server: PostgresServer, way: string, text: string): Promise<Measured> {
  const client = await server.connect('crm');
  try {
    await client.query('SET jit = off');
    const begun = performance.now();
    await client.query(text);
    return { way, seconds: (performance.now() - begun) / 1000, sides: 1, statements: 1 };
  } finally {
    await client.end();
  }
}

/** The engine of the workflow, in a process of its own, one side. */
export async function engineOneSide(
  pair: Pair,
  server: PostgresServer,
): Promise<Measured & { rows: number }> {
  const { stdout } = await run(process.execPath, [program('./read-one-side.ts')], {
    env: {
      ...process.env,
      BENCH_PORT: String(server.port),
      BENCH_AUTHORITY: pair.authority,
      BENCH_PASSWORD: PASSWORD,
    },
  });
  return { way: 'Lights Out, one side (as a function)', sides: 1, ...OneSide.parse(JSON.parse(stdout)) };
}

/** `lights-out verify`, both sides at once. */
export async function verifyBoth(pair: Pair): Promise<Measured> {
  const urls = ['--source', pair.url(pair.source), '--restored', pair.url(pair.copy)];
  const begun = performance.now();
  await run(process.execPath, [program('../cli/lights-out.ts'), 'verify', ...urls, '--json'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return { way: 'lights-out verify', seconds: (performance.now() - begun) / 1000, sides: 2 };
}

/** `pg_dump | sha256sum`, of as many servers at the same time as are given. */
export async function dump(pair: Pair, servers: PostgresServer[]): Promise<Measured> {
  const sides = servers.length === 2 ? 2 : 1;
  const way = `pg_dump | sha256sum${sides === 2 ? ', both sides at once' : ''}`;
  const { pgDump } = pair;
  if (pgDump === undefined)
    return { way, seconds: undefined, sides, note: "left out: Debian's postgresql is not installed" };
  const begun = performance.now();
  // A fixed script, its arguments as parameters: the pipe between the two is the system's own.
  await Promise.all(
    servers.map((server) =>
      run('sh', ['-c', '"$1" --dbname "$2" | sha256sum', 'sh', pgDump, plainUrl(pair, server)]),
    ),
  );
  return { way, seconds: (performance.now() - begun) / 1000, sides };
}

/** Without the authority: libpq encrypts by itself. */
function plainUrl(pair: Pair, server: PostgresServer): string {
  return pair.url(server).replace(/\?.*/, '').replace('postgres:', 'postgresql:');
}

/** reladiff, the maintained fork of data-diff, over every column of one table. */
export async function reladiff(pair: Pair, table: string, columns: string[]): Promise<Measured> {
  const way = 'reladiff (fork of data-diff)';
  const parameters = [
    plainUrl(pair, pair.source),
    table,
    plainUrl(pair, pair.copy),
    table,
    '-k',
    'id',
    '--stats',
  ];
  for (const column of columns) parameters.push('-c', column);
  const begun = performance.now();
  try {
    await run('reladiff', parameters, { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { way, seconds: undefined, sides: 2, note: 'left out: reladiff is not installed' };
    throw error;
  }
  return { way, seconds: (performance.now() - begun) / 1000, sides: 2 };
}
