import type pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import type { DatabaseManifest, Difference, Manifest } from '../../../engines/manifest.ts';
import { type RecordOptions, recordManifest } from '../../../engines/recorder.ts';
import { asCrm } from '../../support/manifests.ts';
import { startThrowAwayServer, type ThrowAwayServer } from '../../support/throw-away-server.ts';

/** How a manifest is recorded. Defaults: by the superuser, on the file's own server. */
export interface Options extends RecordOptions {
  connect?: ((database: string) => Promise<pg.Client>) | undefined;
  on?: ThrowAwayServer;
}

/** An empty PostgreSQL server, there once the first test of a file begins and gone after its last one, and what its tests do with it. */
export interface Standing {
  readonly server: ThrowAwayServer;
  /** Makes a database of its own with these statements run in it, and answers its name. */
  database(statements: string): Promise<string>;
  /** Records the whole manifest of a database, to its end. */
  record(name: string, options?: Options): Promise<Manifest>;
  /** How a database of the one statements differs from a copy of the other ones. */
  differencesBetween(before: string, after: string): Promise<Difference[]>;
}

export function standing(): Standing {
  let server: ThrowAwayServer | undefined;
  let count = 0;
  beforeAll(async () => {
    server = await startThrowAwayServer();
  });
  afterAll(async () => server?.stop());

  const stage: Standing = {
    get server() {
      if (server === undefined) throw new Error('the server is there only in tests');
      return server;
    },
    async database(statements) {
      count += 1;
      const name = `db ${count}`;
      await stage.server.database(name, statements);
      return name;
    },
    async record(name, { connect, on = stage.server, ...options } = {}) {
      const { manifest, complete } = await recordManifest(on.engine(connect), {
        databases: [name],
        ...options,
      });
      expect(complete).toBe(true);
      return manifest;
    },
    async differencesBetween(before, after) {
      const [source, copy] = [
        await stage.record(await stage.database(before)),
        await stage.record(await stage.database(after), { copy: true }),
      ];
      return compareManifests(asCrm(source), asCrm(copy)).differences;
    },
  };
  return stage;
}

/** The one database of a manifest. */
export function only(manifest: Manifest): DatabaseManifest {
  const [first] = manifest.databases;
  if (first === undefined) throw new Error('no database');
  return first;
}
