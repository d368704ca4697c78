import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCredentials } from '../../../functions/databases/credentials.ts';
import { allowNothing } from '../fixtures.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-db-a1b2c3';
const ENDPOINT = { address: 'crm-db.abc.eu-central-1.rds.amazonaws.com', port: 5432 };
const secrets = mockClient(SecretsManagerClient);
allowNothing(secrets);

describe('readCredentials of a secret', () => {
  it('reads the form that RDS keeps', async () => {
    secrets.on(GetSecretValueCommand, { SecretId: ARN }).resolves({
      SecretString: JSON.stringify({ username: 'reader', password: 'p', engine: 'postgres', host: 'x' }),
    });

    const credentials = await readCredentials({ credentialsSecretArn: ARN }, ENDPOINT);

    expect(credentials).toEqual({ username: 'reader', password: 'p' });
  });

  it.each([
    ['no JSON', 'hunter2'],
    ['a bare password', '"hunter2"'],
    ['no password', '{"username":"hunter2"}'],
    ['an empty user', '{"username":"","password":"hunter2"}'],
    ['a number for a password', '{"username":"hunter2","password":42}'],
    ['nothing', undefined],
  ])('refuses %s and never says what was there', async (_what, SecretString) => {
    secrets.on(GetSecretValueCommand).resolves(SecretString === undefined ? {} : { SecretString });

    const error: unknown = await readCredentials({ credentialsSecretArn: ARN }, ENDPOINT).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({ name: 'InvalidConfiguration', message: expect.stringContaining(ARN) });
    expect(String(error)).not.toContain('hunter2');
  });

  it('refuses a configuration that names no way to sign in', async () => {
    await expect(readCredentials({}, ENDPOINT)).rejects.toMatchObject({ name: 'InvalidConfiguration' });
  });
});

describe('readCredentials of a user that signs in by IAM', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-27T14:00:00Z') });
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFUNCTION');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session/token+of=the role');
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it('signs a token for this endpoint, and another for each connection, without any call', async () => {
    const credentials = await readCredentials({ iamUser: 'lights_out' }, ENDPOINT);
    const sign = async (): Promise<string> =>
      typeof credentials.password === 'string' ? '' : credentials.password();
    const first = await sign();
    vi.advanceTimersByTime(20 * 60_000);
    const second = await sign();

    expect(credentials.username).toBe('lights_out');
    const token = new URL(`https://${first}`);
    expect(token.host).toBe(`${ENDPOINT.address}:5432`);
    expect(Object.fromEntries(token.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'lights_out',
      'X-Amz-Credential': 'AKIAFUNCTION/20261127/eu-central-1/rds-db/aws4_request',
      'X-Amz-Date': '20261127T140000Z',
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session/token+of=the role',
    });
    expect(new URL(`https://${second}`).searchParams.get('X-Amz-Date')).toBe('20261127T142000Z');
    expect(secrets.calls()).toHaveLength(0);
    expect(first).not.toContain('canary-secret');
  });
});
