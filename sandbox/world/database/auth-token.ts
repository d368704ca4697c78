import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { secretAccessKeyOf } from '../../aws/secret-access-key.ts';

/** What a connection claims, beside its token. */
export interface TokenClaim {
  user: string;
  /** The endpoint that was connected to, as RDS names it. */
  address: string;
  port: number;
  region: string;
  /** Simulated time, in milliseconds since the epoch. */
  now: number;
}

/** The access key that signed a token, or why the token is no good. */
export type TokenVerdict = { accessKeyId: string } | { problem: string };

/** A token is valid for 15 minutes: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html */
const VALID_SECONDS = 900;

/** How far the signer's clock may be ahead, in milliseconds: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const SKEW_MILLISECONDS = 5 * 60_000;

/**
 * Checks a token of IAM database authentication: a URL `host:port/?Action=connect&DBUser=…`, presigned by Signature Version 4 for the
 * service `rds-db` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). The signature is
 * computed here a second time, without the SDK that made it.
 */
export function judgeToken(token: string, claim: TokenClaim): TokenVerdict {
  const slash = token.indexOf('/?');
  const host = token.slice(0, Math.max(0, slash));
  const expectedHost = `${claim.address}:${claim.port}`;
  if (slash < 0) return { problem: 'it is no token' };
  if (host !== expectedHost) return { problem: `it is for ${host}, not for ${expectedHost}` };
  const query = new URLSearchParams(token.slice(slash + 2));
  const of = (name: string): string => query.get(name) ?? '';
  if (of('Action') !== 'connect') return { problem: 'its action is not "connect"' };
  if (of('DBUser') !== claim.user) return { problem: 'it is for another user' };
  const [accessKeyId = '', day = '', region, service, ending] = of('X-Amz-Credential').split('/');
  const scope = [day, region, service, ending].join('/');
  if (scope !== [of('X-Amz-Date').slice(0, 8), claim.region, 'rds-db', 'aws4_request'].join('/'))
    return { problem: `its scope is ${scope}` };
  const problem = ageProblem(of('X-Amz-Date'), Number(of('X-Amz-Expires')), claim.now);
  if (problem !== undefined) return { problem };
  const expected = signatureOf(query, host, accessKeyId, scope);
  const given = Buffer.from(of('X-Amz-Signature'), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { problem: 'its signature is not the one of its access key' };
  return { accessKeyId };
}

function ageProblem(date: string, expires: number, now: number): string | undefined {
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signed)) return 'it has no date';
  if (!(expires > 0 && expires <= VALID_SECONDS)) return `it wants to be valid for ${expires} s`;
  if (signed > now + SKEW_MILLISECONDS) return 'its date lies ahead';
  return now <= signed + expires * 1000 ? undefined : 'it has expired';
}

function signatureOf(query: URLSearchParams, host: string, accessKeyId: string, scope: string): Buffer {
  const parameters = [...query.entries()]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const request = ['GET', '/', parameters.join('&'), `host:${host}`, '', 'host', hashed('')].join('\n');
  const text = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date'), scope, hashed(request)].join('\n');
  let key: Buffer = Buffer.from(`AWS4${secretAccessKeyOf(accessKeyId)}`);
  for (const part of scope.split('/')) key = mac(key, part);
  return mac(key, text);
}

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hashed = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Percent-encoding as Signature Version 4 wants it: everything but letters, digits and - _ . ~ */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
