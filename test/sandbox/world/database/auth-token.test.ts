import { Signer } from '@aws-sdk/rds-signer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { secretAccessKeyOf } from '../../../../sandbox/aws/secret-access-key.ts';
import { judgeToken, type TokenClaim } from '../../../../sandbox/world/database/auth-token.ts';

const KEY = 'AKIASANDBOXVERIFY';
const NOW = Date.parse('2026-11-27T14:00:00Z');
const CLAIM: TokenClaim = {
  user: 'lights_out',
  address: '127.0.0.1',
  port: 54_321,
  region: 'eu-central-1',
  now: NOW,
};

/** A token as the functions make it. */
const tokenFor = (changes: Partial<ConstructorParameters<typeof Signer>[0]> = {}): Promise<string> =>
  new Signer({
    hostname: CLAIM.address,
    port: CLAIM.port,
    username: CLAIM.user,
    region: CLAIM.region,
    credentials: { accessKeyId: KEY, secretAccessKey: secretAccessKeyOf(KEY) },
    ...changes,
  }).getAuthToken();

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('judgeToken', () => {
  it('knows who signed a token that is right', async () => {
    expect(judgeToken(await tokenFor(), CLAIM)).toEqual({ accessKeyId: KEY });
  });

  it('takes the session token of a role and a user of any spelling into the signature', async () => {
    const credentials = {
      accessKeyId: KEY,
      secretAccessKey: secretAccessKeyOf(KEY),
      sessionToken: "a/b+c=d e!'()*",
    };
    const user = "Lights Out's";

    expect(judgeToken(await tokenFor({ credentials, username: user }), { ...CLAIM, user })).toEqual({
      accessKeyId: KEY,
    });
  });

  it.each<[string, Partial<TokenClaim>, RegExp]>([
    ['another user', { user: 'postgres' }, /another user/],
    ['another port', { port: 54_322 }, /not for 127\.0\.0\.1:54322/],
    ['another host', { address: 'localhost' }, /not for localhost/],
    ['another Region', { region: 'cn-north-1' }, /scope/],
    ['a quarter of an hour later', { now: NOW + 901_000 }, /expired/],
    ['an hour earlier', { now: NOW - 3_600_000 }, /ahead/],
  ])('refuses it for %s', async (_what, changes, problem) => {
    expect(judgeToken(await tokenFor(), { ...CLAIM, ...changes })).toEqual({
      problem: expect.stringMatching(problem),
    });
  });

  it.each<[string, (token: string) => string, RegExp]>([
    ['another secret key', (token) => token.replace(KEY, 'AKIASANDBOXDRAIN'), /signature/],
    ['a signature cut short', (token) => token.slice(0, -2), /signature/],
    ['a longer life', (token) => token.replace('X-Amz-Expires=900', 'X-Amz-Expires=90000'), /valid for/],
    ['another action', (token) => token.replace('Action=connect', 'Action=delete'), /action/],
    ['a later date', (token) => token.replace('T140000Z', 'T140100Z'), /signature/],
    ['a password', () => 'hunter2', /no token/],
    ['nothing', () => '', /no token/],
  ])('refuses %s', async (_what, change, problem) => {
    expect(judgeToken(change(await tokenFor()), CLAIM)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
