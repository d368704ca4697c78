import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAtTcp } from '../../../../functions/steps/health/look-at-tcp.ts';

let server: Server;
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

async function listening(onConnection: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const look = (port: number) => lookAtTcp({ host: '127.0.0.1', port });

describe('a look at a port', () => {
  it('is green when the connection stays, and ends it', async () => {
    let ended = false;
    const port = await listening((socket) => {
      socket.resume();
      socket.once('close', () => {
        ended = true;
      });
    });

    expect(await look(port)).toEqual({ green: true, answer: 'the connection was accepted' });
    await expect.poll(() => ended).toBe(true);
  });

  it('is green when the server says something and closes', async () => {
    const port = await listening((socket) => socket.end('220 ready\r\n'));

    expect(await look(port)).toMatchObject({ green: true });
  });

  it('is red when it is closed at once, as a proxy of a dead service does', async () => {
    expect(await look(await listening((socket) => socket.destroy()))).toEqual({
      green: false,
      answer: 'the connection was accepted and closed at once',
    });
    server.close();
    expect(await look(await listening((socket) => socket.resetAndDestroy()))).toMatchObject({ green: false });
  });

  it('is red when it is refused', async () => {
    const port = await listening(() => undefined);
    await new Promise<void>((resolve) => server.close(() => resolve()));

    expect(await look(port)).toEqual({ green: false, answer: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });
});
