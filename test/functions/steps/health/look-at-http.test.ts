import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { HealthCheck } from '../../../../functions/contract/health-config.ts';
import { lookAtHttp } from '../../../../functions/steps/health/look-at-http.ts';
import { makeCertificates } from '../../../../sandbox/world/database/certificates.ts';
import { passTimeLimit } from './time-limit.ts';

const open: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return (server.address() as AddressInfo).port;
}

const web = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(answer))}/health`;

/** A server that says exactly this. */
const saying = async (bytes: string | Buffer, then: 'ends' | 'hangs' | 'resets' = 'ends'): Promise<string> =>
  `http://127.0.0.1:${await listening(
    createTcpServer((socket) => {
      socket.once('data', () => {
        socket.write(bytes, () => {
          if (then === 'ends') socket.end();
          if (then === 'resets') socket.resetAndDestroy();
        });
      });
    }),
  )}/`;

const look = (http: { url: string } & Record<string, unknown>) => {
  const check = HealthCheck.parse({ name: 'sign-in page', http });
  if (check.http === undefined) throw new Error('no http check');
  return lookAtHttp(check.http);
};

describe('a look at a web server', () => {
  it('is green for the status and the text', async () => {
    const url = await web((_request, response) => response.end('<h1>CRM ready</h1>'));

    expect(await look({ url, text: 'CRM ready' })).toEqual({
      green: true,
      answer: 'HTTP 200: <h1>CRM ready</h1>',
    });
  });

  it('is red without the text, with the other text, and with another status', async () => {
    const url = await web((_request, response) => response.end('Down for maintenance'));

    expect(await look({ url, text: 'CRM ready' })).toEqual({
      green: false,
      answer: 'HTTP 200; without the expected text: Down for maintenance',
    });
    expect(await look({ url, notText: 'maintenance' })).toMatchObject({ green: false });
    expect(await look({ url, status: 204 })).toEqual({
      green: false,
      answer: 'HTTP 200; expected 204: Down for maintenance',
    });
  });

  it('follows no redirect', async () => {
    let requests = 0;
    const url = await web((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });

    expect(await look({ url })).toEqual({ green: false, answer: 'HTTP 302; expected 200, no body' });
    expect(await look({ url, status: 302 })).toMatchObject({ green: true });
    expect(requests).toBe(2);
  });

  it('sends the headers, and shows their values nowhere', async () => {
    const url = await web((request, response) => response.end(`you sent ${request.headers['x-way']}`));

    expect(await look({ url, headers: { 'X-Way': 'past-the-page' }, text: 'past-the-page' })).toEqual({
      green: true,
      answer: 'HTTP 200: you sent ***',
    });
  });

  it('is red when the connection is refused, with the error in its words', async () => {
    const port = await listening(createTcpServer());
    await new Promise((resolve) => open.pop()?.close(resolve));

    expect(await look({ url: `http://127.0.0.1:${port}/` })).toEqual({
      green: false,
      answer: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it('is red for a host that nobody knows', async () => {
    expect(await look({ url: 'http://nobody.invalid/' })).toMatchObject({
      green: false,
      answer: expect.stringMatching(/nobody\.invalid/),
    });
  });

  it('is red when the server closes before or in the middle of its answer', async () => {
    const nothing = await saying('');
    const half = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nCRM ready');
    const cut = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nCRM ready', 'resets');

    expect(await look({ url: nothing })).toEqual({ green: false, answer: 'socket hang up' });
    expect(await look({ url: half })).toEqual({ green: false, answer: 'aborted' });
    expect(await look({ url: cut })).toMatchObject({ green: false });
  });

  it('is red for an answer that is none of HTTP, and for an offer to switch the protocol', async () => {
    const noise = await saying('SSH-2.0-OpenSSH_9.9\r\n');
    const upgrade = await saying(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    );

    expect(await look({ url: noise })).toMatchObject({
      green: false,
      answer: expect.stringMatching(/^Parse Error/),
    });
    expect(await look({ url: upgrade })).toMatchObject({
      green: false,
      answer: 'HTTP 101; expected 200, no body',
    });
  });

  it('gives a server that says nothing, or never ends, 10 s', async () => {
    const limit = passTimeLimit();
    const silent = await saying('', 'hangs');
    const drips = await saying('HTTP/1.1 200 OK\r\n\r\nCRM ready', 'hangs');

    expect(await look({ url: silent })).toEqual({ green: false, answer: 'no complete answer within 10 s' });
    expect(await look({ url: drips })).toEqual({ green: false, answer: 'no complete answer within 10 s' });
    expect(limit.asked).toEqual([10_000, 10_000]);
  });

  it('reads 64 KiB of a body that never ends', async () => {
    let sent = 0;
    const url = await web((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x'))) sent += 16_384;
      };
      response.write('CRM ready');
      response.on('drain', more);
      more();
    });

    expect(await look({ url, text: 'CRM ready' })).toEqual({
      green: true,
      answer: `HTTP 200: CRM ready${'x'.repeat(191)}…`,
    });
    expect(sent).toBeGreaterThan(64 * 1024);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('reads a body in %s though it asked for none', async (coding, compress) => {
    const url = await web((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(compress('CRM ready')),
    );

    expect(await look({ url, text: 'CRM ready' })).toEqual({ green: true, answer: 'HTTP 200: CRM ready' });
  });

  it('stops unpacking at 64 KiB, and is red for what cannot be unpacked', async () => {
    const bomb = await web((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, 'x'))),
    );
    const broken = await web((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('CRM ready'),
    );

    expect(await look({ url: bomb })).toMatchObject({ green: true });
    expect(await look({ url: broken })).toEqual({ green: false, answer: 'incorrect header check' });
  });

  it('takes 100 headers, and is red for more than Node takes', async () => {
    const many = await web((_request, response) => {
      for (let index = 0; index < 100; index += 1) response.setHeader(`x-${index}`, 'y');
      response.end('CRM ready');
    });
    const tooMany = await web((_request, response) => response.setHeader('x', 'y'.repeat(20_000)).end());

    expect(await look({ url: many })).toMatchObject({ green: true });
    expect(await look({ url: tooMany })).toEqual({ green: false, answer: 'Parse Error: Header overflow' });
  });

  it('shows bytes that are no UTF-8, and reads the charset that the server names', async () => {
    const invalid = await web((_request, response) => response.end(Buffer.from([0x43, 0xff, 0xfe, 0x00])));
    // "就绪" in GB18030.
    const chinese = await web((_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=GB18030' })
        .end(Buffer.from([0xbe, 0xcd, 0xd0, 0xf7])),
    );
    const unknown = await web((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=klingon' }).end('CRM ready'),
    );

    expect(await look({ url: invalid })).toEqual({ green: true, answer: 'HTTP 200: C\ufffd\ufffd\\u0000' });
    expect(await look({ url: chinese, text: '就绪' })).toMatchObject({ green: true });
    expect(await look({ url: unknown, text: 'CRM ready' })).toMatchObject({ green: true });
  });

  it('trusts a certificate only of an authority that it was told, and only for its host', async () => {
    const { ca, certificate, key } = await makeCertificates(Date.now());
    const port = await listening(
      createSecureServer({ cert: certificate, key }, (_request, response) => response.end('CRM ready')),
    );
    const url = `https://localhost:${port}/`;

    expect(await look({ url })).toMatchObject({ green: false, answer: expect.stringMatching(/certificate/) });
    expect(await look({ url, ca })).toEqual({ green: true, answer: 'HTTP 200: CRM ready' });
    expect(await look({ url, ca, headers: { host: 'crm.example.com' } })).toMatchObject({
      green: false,
      answer: expect.stringMatching(/altnames/),
    });
    const plain = await web((_request, response) => response.end());
    expect(await look({ url: plain.replace('http:', 'https:') })).toMatchObject({ green: false });
  });
});
