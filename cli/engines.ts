import type { Engine } from '../engines/engine.ts';
import { engineFor } from '../engines/engines.ts';
import type { Locator } from '../engines/locator.ts';
import type { Manifest } from '../engines/manifest.ts';
import { recordManifest } from '../engines/recorder.ts';
import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import type { DatabaseUrl } from './database-url.ts';

export interface RecordingOptions {
  copy: boolean;
  signal: AbortSignal;
  onProgress(read: { rows: number; share: number }): void;
}

/** Records the contents of one database, by the engine in its URL. */
export async function recordDatabase(url: DatabaseUrl, options: RecordingOptions): Promise<Manifest> {
  const { manifest } = await recordManifest(await engineOf(url), { ...options, databases: [url.database] });
  return manifest;
}

/** Opens a database for locating its differences. */
export async function openLocator(option: string, url: DatabaseUrl): Promise<Locator> {
  try {
    return await (await engineOf(url)).locator(url.database);
  } catch (error) {
    if (error instanceof LightsOutError && error.name === ErrorName.DatabaseUnreachable)
      throw new BadInputError(`${option}: ${error.message}`);
    throw error;
  }
}

function engineOf({ engine, host, port, database, user, password, ssl }: DatabaseUrl): Promise<Engine> {
  const authority = ssl !== false && typeof ssl.ca === 'string' ? { ca: ssl.ca } : {};
  const tls =
    ssl === false
      ? ''
      : ', with TLS and a certificate that is valid for it (sslrootcert=FILE names another authority)';
  return engineFor({
    engine,
    address: host,
    port,
    credentials: { username: user, password },
    home: [database],
    tls: ssl === false ? false : authority,
    expected: `expected a server that accepts it${tls}`,
  });
}
