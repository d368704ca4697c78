import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { connectSqlServer } from '../../../engines/sqlserver/connection.ts';
import { ALIASES } from '../../../lib/function-bundles.ts';
import { makeCertificates } from '../../../sandbox/world/database/certificates.ts';
import { TdsServer } from './tds-server.ts';

let folder: string;
let inputs: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lights-out-bundle-'));
  const built = await build({
    entryPoints: [fileURLToPath(new URL('../../../engines/sqlserver/connection.ts', import.meta.url))],
    outfile: join(folder, 'connection.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    metafile: true,
    alias: ALIASES,
    banner: {
      js: 'import { createRequire } from "node:module";const require = createRequire(import.meta.url);',
    },
  });
  inputs = Object.keys(built.metafile.inputs);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('the driver in a function’s bundle', () => {
  it('comes without the sign-in of Microsoft Entra ID', () => {
    expect(inputs.filter((path) => /@azure\/(identity|keyvault|msal)/.test(path))).toEqual([]);
    expect(inputs.some((path) => path.endsWith('without-azure.ts'))).toBe(true);
  });

  it('signs in over TLS as it does unbundled', async () => {
    const certificate = await makeCertificates(Date.now());
    const version = { columns: ['version'], rows: [['15.0.4430.1']] };
    const server = await TdsServer.start({
      certificate,
      answer: (sql) => (sql.includes('ProductVersion') ? version : {}),
    });
    const bundle = (await import(pathToFileURL(join(folder, 'connection.mjs')).href)) as {
      connectSqlServer: typeof connectSqlServer;
    };

    const connection = await bundle.connectSqlServer(
      {
        address: 'localhost',
        port: server.port,
        credentials: { username: 'lights_out', password: 'secret' },
        tls: { ca: certificate.ca },
      },
      'crm',
    );

    expect(connection.major).toBe(15);
    expect(server.inTheClear).toEqual([]);
    await connection.close();
    await server.stop();
  });
});
