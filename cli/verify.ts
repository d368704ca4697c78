import { parseArgs } from 'node:util';
import pg from 'pg';
import { LightsOutError, messageOf } from '../functions/shared/contract/errors.ts';
import { APPLICATION_NAME } from '../functions/shared/contract/keys.ts';
import { type Comparison, compareManifests, type Manifest } from '../functions/shared/engines/manifest.ts';
import { sessionOptions } from '../functions/shared/engines/postgres/connection.ts';
import { recordManifest } from '../functions/shared/engines/postgres/manifest.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

const OPTIONS = {
  source: { type: 'string' },
  restored: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `lights-out verify`: compares two databases as the workflow does. @returns 0 equal, 1 different. @throws BadInputError when they cannot be compared. */
export async function verifyCommand(argv: string[]): Promise<number> {
  const values = parse(argv);
  const source = target('--source', values.source);
  const restored = target('--restored', values.restored);
  if (
    source.host === restored.host &&
    source.port === restored.port &&
    source.pathname === restored.pathname
  ) {
    throw new BadInputError(
      '--source and --restored name the same database; a comparison with itself proves nothing',
    );
  }
  const begun = performance.now();
  const quiet = values.json === true || process.stderr.isTTY !== true;
  const [a, b] = await Promise.all([read('--source', source, quiet), read('--restored', restored, quiet)]);
  if (
    a.server.startedAt === b.server.startedAt &&
    a.server.systemIdentifier === b.server.systemIdentifier &&
    source.pathname === restored.pathname
  ) {
    throw new BadInputError(
      '--source and --restored lead to one and the same server; a comparison with itself proves nothing',
    );
  }
  const comparison = compareManifests(a, b);
  const seconds = Math.round((performance.now() - begun) / 10) / 100;
  if (values.json === true)
    process.stdout.write(`${JSON.stringify(resultOf(comparison, a, b, seconds), null, 2)}\n`);
  else process.stdout.write(textOf(comparison, seconds));
  return comparison.equal ? 0 : 1;
}

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new BadInputError(
      `${messageOf(error).split('. ')[0]}; expected --source URL --restored URL [--json]`,
    );
  }
}

function target(option: string, value: string | undefined): URL {
  if (value === undefined)
    throw new BadInputError(`${option}: missing; expected postgres://user:password@host:port/database`);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new BadInputError(`${option}: expected postgres://user:password@host:port/database`);
  }
  return url;
}

async function read(option: string, url: URL, quiet: boolean): Promise<Manifest> {
  const name = decodeURIComponent(url.pathname.slice(1));
  const port = Number(url.port === '' ? 5432 : url.port);
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url.href,
      application_name: APPLICATION_NAME,
      options: sessionOptions(),
      connectionTimeoutMillis: 15_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  try {
    const { manifest } = await recordManifest({
      address: url.hostname,
      port,
      connect,
      databases: [name],
      onTable: ({ table, rows }) => {
        if (!quiet)
          process.stderr.write(`${option.slice(2)}: ${table} (${rows.toLocaleString('en')} rows)\n`);
      },
    });
    // Two databases of one name on two servers are the rule; of two names, they are compared as one all the same.
    return {
      ...manifest,
      databases: manifest.databases.map((database) => ({ ...database, name: 'database' })),
    };
  } catch (error) {
    if (error instanceof LightsOutError) throw new BadInputError(`${option}: ${error.message}`);
    throw new BadInputError(
      `${option} ${url.hostname}:${port}${url.pathname}: cannot be read (${messageOf(error)})`,
    );
  }
}

function resultOf(comparison: Comparison, source: Manifest, restored: Manifest, seconds: number): object {
  return { ...comparison, engine: source.engine, source: source.server, restored: restored.server, seconds };
}

function textOf({ equal, tables, rows, differences, notCompared }: Comparison, seconds: number): string {
  return [
    `${equal ? 'Equal' : 'Different'}: ${tables} tables, ${rows.toLocaleString('en')} rows in ${seconds} s`,
    ...differences.map((difference) => `  ${difference.object}: ${difference.detail}`),
    ...notCompared.map((entry) => `  not compared: ${entry.object}: ${entry.reason}`),
    '',
  ].join('\n');
}
