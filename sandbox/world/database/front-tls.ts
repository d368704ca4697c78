import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import type { ServerCertificate } from './certificates.ts';

/** TLS with a client, as the server. */
export async function acceptTls(client: Socket, certificate: ServerCertificate): Promise<TLSSocket> {
  const secure = new TLSSocket(client, {
    isServer: true,
    cert: certificate.certificate,
    key: certificate.key,
  });
  await once(secure, 'secure');
  return secure;
}

/** TLS with the server itself, which knows this client by its certificate. */
export async function offerTls(server: Socket, certificate: ServerCertificate): Promise<TLSSocket> {
  const secure = connect({
    socket: server,
    host: 'localhost',
    ca: certificate.ca,
    cert: certificate.client?.certificate,
    key: certificate.client?.key,
  });
  await once(secure, 'secureConnect');
  return secure;
}
