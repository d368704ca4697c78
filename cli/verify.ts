import { compareManifests } from '../engines/compare.ts';
import { locateDifferences } from '../engines/locate.ts';
import type { Comparison, Difference, Manifest } from '../engines/manifest.ts';
import { counted } from '../functions/contract/counted.ts';
import { LightsOutError } from '../functions/contract/errors.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type DatabaseUrl, parseDatabaseUrl } from './database-url.ts';
import { openLocator, recordDatabase } from './engines.ts';
import { readOptions } from './options.ts';
import { Progress } from './progress.ts';

const OPTIONS = {
  source: { type: 'string' },
  restored: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out verify`: compares two databases as the workflow does.
 *
 * @returns 0 equal, 1 different.
 * @throws BadInputError when they cannot be compared. The command then ends with 2.
 */
export async function verifyCommand(argv: string[]): Promise<number> {
  const values = readOptions('verify', argv, OPTIONS);
  const { source, restored } = bothUrls(values);
  if (
    source.host === restored.host &&
    source.port === restored.port &&
    source.database === restored.database
  ) {
    throw new BadInputError(
      '--source and --restored name the same database; expected two: a comparison with itself proves nothing',
    );
  }
  const begun = performance.now();
  await reachBoth(source, restored);
  const progress = new Progress(values.json === true || process.stderr.isTTY !== true);
  const [a, b] = await readBoth(source, restored, progress);
  progress.end();
  requireTwoDatabases(source, restored, a, b);
  const compared = compare(a, b);
  const differences = await locateDifferences(compared.differences, {
    source: { manifest: a, open: () => openLocator('--source', source) },
    copy: { manifest: b, open: () => openLocator('--restored', restored) },
  });
  const comparison = { ...compared, differences };
  const seconds = Math.round((performance.now() - begun) / 10) / 100;
  if (values.json === true)
    process.stdout.write(`${JSON.stringify(resultOf(comparison, a, b, seconds), null, 2)}\n`);
  else process.stdout.write(textOf(comparison, seconds));
  return comparison.equal ? 0 : 1;
}

/** @throws BadInputError a line for each URL that is none. */
function bothUrls({
  source,
  restored,
}: {
  source?: string;
  restored?: string;
}): Record<'source' | 'restored', DatabaseUrl> {
  const problems: string[] = [];
  const read = (option: string, value: string | undefined): DatabaseUrl | undefined => {
    try {
      return parseDatabaseUrl(option, value);
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const urls = { source: read('--source', source), restored: read('--restored', restored) };
  if (urls.source === undefined || urls.restored === undefined)
    throw new BadInputError(problems.join('\nlights-out: '));
  return { source: urls.source, restored: urls.restored };
}

/**
 * Connects to both databases before either is read, so that problems of both show at once.
 *
 * @throws BadInputError one line per database that refuses the command.
 */
async function reachBoth(source: DatabaseUrl, restored: DatabaseUrl): Promise<void> {
  const reach = async (option: string, url: DatabaseUrl): Promise<void> => {
    try {
      await (await openLocator(option, url)).close();
    } catch (error) {
      if (error instanceof LightsOutError) throw new BadInputError(`${option}: ${error.message}`);
      throw error;
    }
  };
  const reached = await Promise.allSettled([reach('--source', source), reach('--restored', restored)]);
  const failures = reached.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  const unexpected = failures.find((reason) => !(reason instanceof BadInputError));
  if (unexpected !== undefined) throw unexpected;
  if (failures.length > 0)
    throw new BadInputError(failures.map((reason) => (reason as Error).message).join('\nlights-out: '));
}

function requireTwoDatabases(source: DatabaseUrl, restored: DatabaseUrl, a: Manifest, b: Manifest): void {
  const identity = ({ server }: Manifest): string =>
    [server.startedAt, server.systemIdentifier, server.instance].join(' ');
  if (identity(a) !== identity(b) || source.database !== restored.database) return;
  throw new BadInputError(
    '--source and --restored lead to one and the same server; expected two: a comparison with itself proves nothing',
  );
}

function compare(source: Manifest, restored: Manifest): Comparison {
  try {
    return compareManifests(source, restored, { wholeServer: !areUnrelated(source, restored) });
  } catch (error) {
    if (error instanceof LightsOutError) throw new BadInputError(error.message);
    throw error;
  }
}

/** A restored snapshot keeps PostgreSQL's system identifier. Two servers that were set up separately have different ones. */
function areUnrelated({ server: source }: Manifest, { server: restored }: Manifest): boolean {
  const [a, b] = [source.systemIdentifier, restored.systemIdentifier];
  return a !== undefined && b !== undefined && a !== b;
}

/** Reads both in parallel. If one cannot be read, reading the other stops. */
async function readBoth(
  source: DatabaseUrl,
  restored: DatabaseUrl,
  progress: Progress,
): Promise<[Manifest, Manifest]> {
  const stop = new AbortController();
  const reading = [
    read('--source', source, { copy: false, name: source.database, progress, signal: stop.signal }),
    read('--restored', restored, { copy: true, name: source.database, progress, signal: stop.signal }),
  ] as const;
  try {
    return await Promise.all(reading);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(reading);
    throw error;
  }
}

interface ReadOptions {
  copy: boolean;
  /** Name of the database in the comparison: a copy may have another name. */
  name: string;
  progress: Progress;
  signal: AbortSignal;
}

async function read(option: string, url: DatabaseUrl, options: ReadOptions): Promise<Manifest> {
  try {
    const manifest = await recordDatabase(url, {
      copy: options.copy,
      signal: options.signal,
      onProgress: ({ rows, share }) => options.progress.add(option, rows, share),
    });
    return {
      ...manifest,
      databases: manifest.databases.map((database) => ({ ...database, name: options.name })),
    };
  } catch (error) {
    if (error instanceof LightsOutError) throw new BadInputError(`${option}: ${error.message}`);
    throw error;
  }
}

function resultOf(comparison: Comparison, source: Manifest, restored: Manifest, seconds: number): object {
  return { ...comparison, engine: source.engine, source: source.server, restored: restored.server, seconds };
}

function textOf({ equal, tables, rows, differences, notCompared }: Comparison, seconds: number): string {
  return [
    `${equal ? 'Equal' : 'Different'}: ${counted(tables, 'table')}, ${counted(rows, 'row')} in ${seconds} s`,
    ...differences.flatMap(linesOf),
    ...notCompared.map((entry) => `  not compared: ${entry.object}: ${entry.reason}`),
    '',
  ].join('\n');
}

function linesOf({ object, detail, chunks = [], rows, diff }: Difference): string[] {
  const keys = (word: string, named: string[] = []): string[] =>
    named.length === 0 ? [] : [`    ${word}: ${named.join(', ')}`];
  return [
    `  ${object}: ${detail}`,
    ...keys('in', chunks),
    ...keys('missing', rows?.missing),
    ...keys('extra', rows?.extra),
    ...keys('changed', rows?.changed),
    ...(diff === undefined
      ? []
      : diff
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`)),
  ];
}
