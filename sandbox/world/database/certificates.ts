import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { WEBHOOK_HOST } from '../../play/lambda/host-names.ts';

export interface ServerCertificate {
  /** The sandbox's certificate authority, PEM: what clients trust. */
  ca: string;
  certificate: string;
  key: string;
  /** For a client that the server knows by its certificate. */
  client?: { certificate: string; key: string };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const VALID_MILLISECONDS = 10 * 365 * 24 * 3600 * 1000;

/**
 * A certificate authority and a server certificate for 127.0.0.1, localhost and the host of the webhooks. Made anew for each run, the authority's key is
 * thrown away: nobody can sign with it later. Valid around the simulated time too, which may lie in the past or future.
 *
 * @param clientName - also makes a client certificate of this name.
 * @param hosts - other hosts that the server certificate is for.
 */
export async function makeCertificates(
  now: number,
  clientName?: string,
  hosts: readonly string[] = [],
): Promise<ServerCertificate> {
  cryptoProvider.set(webcrypto as never);
  const validity = {
    notBefore: new Date(now - VALID_MILLISECONDS),
    notAfter: new Date(now + VALID_MILLISECONDS),
  };
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Lights Out sandbox',
    ...validity,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  const sign = async (serialNumber: string, name: string, extensions: Extension[]) => {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.create({
      serialNumber,
      subject: `CN=${name}`,
      issuer: authority.subject,
      ...validity,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions,
    });
    const key = PemConverter.encode(
      await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
      'PRIVATE KEY',
    );
    return { certificate: certificate.toString('pem'), key };
  };
  const server = await sign('02', 'localhost', [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'dns', value: WEBHOOK_HOST },
      { type: 'ip', value: '127.0.0.1' },
      ...hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ]),
  ]);
  const client =
    clientName === undefined
      ? undefined
      : await sign('03', clientName, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
  return { ca: authority.toString('pem'), ...server, ...(client === undefined ? {} : { client }) };
}
