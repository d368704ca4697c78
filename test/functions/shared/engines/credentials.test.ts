import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readCredentials } from '../../../../functions/shared/engines/credentials.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-db-a1b2c3';
const secrets = mockClient(SecretsManagerClient);

beforeEach(() => {
  secrets.reset();
  secrets.rejects(new Error('unexpected call'));
});

describe('readCredentials', () => {
  it('reads the form that RDS keeps', async () => {
    secrets.on(GetSecretValueCommand, { SecretId: ARN }).resolves({
      SecretString: JSON.stringify({ username: 'reader', password: 'p', engine: 'postgres', host: 'x' }),
    });

    expect(await readCredentials(ARN)).toEqual({ username: 'reader', password: 'p' });
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

    const error: unknown = await readCredentials(ARN).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'InvalidConfiguration', message: expect.stringContaining(ARN) });
    expect(String(error)).not.toContain('hunter2');
  });
});
