import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { giveToServerUser } from '../../../../sandbox/world/database/binaries.ts';
import { makeCertificates, type ServerCertificate } from '../../../../sandbox/world/database/certificates.ts';
import type { DatabaseServer } from '../../../../sandbox/world/database/database-server.ts';
import { type Greeting, TokenFront } from '../../../../sandbox/world/database/token-front.ts';

/** What a server is made of. */
interface Parts {
  /** Folder of the tests' own, that the server's user may enter. */
  folder: string;
  dataDirectory: string;
  certificate: ServerCertificate;
  /** The front, for an engine's greeting. */
  frontOf(greeting: Greeting): TokenFront;
}

/** A database server behind a {@link TokenFront}, there once the first test begins and gone after the last one. */
export interface Fronted<Server> {
  readonly server: Server;
  readonly certificate: ServerCertificate;
  /** What lets the user `lights_out` in, and nobody else. */
  readonly token: string;
}

/**
 * Starts one for the tests of a file, or of a `describe`.
 *
 * @param make Makes the server, neither initialised nor started.
 */
export function fronted<
  Server extends Pick<DatabaseServer, 'initialise' | 'start' | 'stop' | 'endpointPort'>,
>(make: (parts: Parts) => Promise<Server>): Fronted<Server> {
  let folder: string;
  let standing: { server: Server; certificate: ServerCertificate } | undefined;
  const inTests = () => {
    if (standing === undefined) throw new Error('the server is there only in tests');
    return standing;
  };
  const tokenFor = (port: number): string => `token for ${port}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lights-out-front-'));
    await giveToServerUser(folder);
    const certificate = await makeCertificates(Date.now(), 'lights_out');
    const server = await make({
      folder,
      dataDirectory: join(folder, 'data', 'main'),
      certificate,
      frontOf: (greeting) =>
        new TokenFront({
          certificate,
          greeting,
          admit: (user, token, port) =>
            user === 'lights_out' && token === tokenFor(port) ? undefined : 'wrong',
        }),
    });
    standing = { server, certificate };
    await server.initialise();
    await server.start();
  });
  afterAll(async () => {
    await standing?.server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    get server() {
      return inTests().server;
    },
    get certificate() {
      return inTests().certificate;
    },
    get token() {
      return tokenFor(inTests().server.endpointPort);
    },
  };
}

/** @param signIn Signs `lights_out` in by the token. */
export function itKeepsItsPort(
  stage: Fronted<Pick<DatabaseServer, 'start' | 'stop' | 'endpointPort'>>,
  signIn: () => Promise<{ query(sql: string): Promise<unknown>; end(): Promise<void> }>,
): void {
  it('keeps its port over a stop and a start, and is closed in between', async () => {
    const port = stage.server.endpointPort;
    const open = await signIn();
    await stage.server.stop();

    await expect(open.query('SELECT 1')).rejects.toThrow();
    await expect(signIn()).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await stage.server.start();
    expect(stage.server.endpointPort).toBe(port);
    await (await signIn()).end();
  });
}
