import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  GetIdentityVerificationAttributesCommand,
  GetSendQuotaCommand,
  SESClient,
} from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Audience } from '../../../../functions/contract/webhook-config.ts';
import { lookAtChannels } from '../../../../functions/steps/plan/channels.ts';
import { allowNothing, awsError, system, systemInput } from '../../fixtures.ts';

const ses = mockClient(SESClient);
const secretsManager = mockClient(SecretsManagerClient);
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3';
const { notices } = systemInput();
const told = (...audiences: Audience[]) =>
  system({ notices: { ...notices, webhooks: [{ name: 'crm-room', secretArn: ARN, audiences }] } });

allowNothing(ses, secretsManager);
beforeEach(() => {
  process.env['AWS_REGION'] = 'eu-central-1';
  ses
    .on(GetIdentityVerificationAttributesCommand)
    .resolves({ VerificationAttributes: { a: { VerificationStatus: 'Success', VerificationToken: '' } } });
  ses.on(GetSendQuotaCommand).resolves({ Max24HourSend: 50_000, SentLast24Hours: 0, MaxSendRate: 14 });
});
afterEach(() => {
  delete process.env['AWS_REGION'];
});

/** A name that no resolver knows, by https://www.rfc-editor.org/rfc/rfc6761.html#section-6.4 */
const stored = (secret: object) =>
  secretsManager.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(secret) });
const signingSecret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

describe('the plan of a system in a Region without SES', () => {
  it.each(['cn-north-1', 'cn-northwest-1', 'ap-east-1', 'us-iso-east-1'])(
    'refuses in %s where only mail reaches people, and names the webhook to configure',
    async (region) => {
      process.env['AWS_REGION'] = region;

      const { reasons } = await lookAtChannels(system());

      expect(reasons.map(({ resource }) => resource)).toEqual(['notices to users', 'notices to operators']);
      expect(reasons[0]?.problem).toContain(`${region} has no SES`);
      expect(reasons[0]?.remedy).toMatch(/webhook whose audiences hold "users".*notices\.webhooks/);
      expect(ses.calls()).toEqual([]);
    },
  );

  it('refuses for the operators alone when a webhook serves the users', async () => {
    process.env['AWS_REGION'] = 'cn-north-1';
    stored({ url: 'https://rooms.invalid/1', signingSecret });

    const { reasons } = await lookAtChannels(told('users'));

    expect(reasons.map(({ resource }) => resource)).toContain('notices to operators');
    expect(reasons.map(({ resource }) => resource)).not.toContain('notices to users');
  });

  it('warns that no mail is sent when webhooks serve everybody', async () => {
    process.env['AWS_REGION'] = 'cn-north-1';
    stored({ url: 'https://rooms.invalid/1', signingSecret });

    const { warnings, reasons } = await lookAtChannels(told('users', 'operators'));

    expect(warnings).toEqual([
      'no mail is sent: cn-north-1 has no SES; the people in notices are told by webhook alone',
    ]);
    expect(reasons.filter(({ resource }) => resource.startsWith('notices'))).toEqual([]);
  });

  it('refuses in a Region that the table does not know, when the endpoint of SES has no address', async () => {
    process.env['AWS_REGION'] = 'xx-new-1';
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND email.xx-new-1.amazonaws.com'), {
      code: 'ENOTFOUND',
    });
    ses.on(GetSendQuotaCommand).rejects(error);

    const { reasons } = await lookAtChannels(system());

    expect(reasons).toEqual([
      expect.objectContaining({ resource: 'SES', remedy: expect.stringContaining('notices.webhooks') }),
    ]);
  });
});

describe('the plan of a system with a webhook', () => {
  it.each(['ResourceNotFoundException', 'AccessDeniedException', 'DecryptionFailure'])(
    'refuses when its secret cannot be read: %s',
    async (name) => {
      secretsManager.on(GetSecretValueCommand).rejects(awsError(name, 400));

      const { reasons } = await lookAtChannels(told('users'));

      expect(reasons).toEqual([
        {
          resource: 'webhook crm-room',
          problem: `its secret ${ARN} cannot be read (${name})`,
          remedy: expect.stringContaining('keyArn'),
        },
      ]);
    },
  );

  it('is tried again when Secrets Manager cannot answer just now', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(awsError('InternalServiceError', 500));

    await expect(lookAtChannels(told('users'))).rejects.toMatchObject({ name: 'InternalServiceError' });
  });

  it('refuses what the secret must not hold, without its words', async () => {
    stored({ url: 'http://169.254.169.254/latest/meta-data', signingSecret });

    const { reasons } = await lookAtChannels(told('users'));

    expect(reasons).toEqual([
      {
        resource: 'webhook crm-room',
        problem: expect.stringContaining('"url" begins with http://, expected https://'),
        remedy: 'correct the secret, as docs/channels.md says',
      },
    ]);
    expect(JSON.stringify(reasons)).not.toContain('169.254');
  });

  it('refuses when its host has no address, without naming it', async () => {
    stored({ url: 'https://rooms.invalid/1?key=hidden', signingSecret });

    const { reasons } = await lookAtChannels(told('users'));

    expect(reasons).toEqual([
      expect.objectContaining({
        resource: 'webhook crm-room',
        problem: expect.stringMatching(/cannot be reached by TLS \((ENOTFOUND|EAI_AGAIN|ETIMEDOUT)\)/),
      }),
    ]);
    expect(JSON.stringify(reasons)).not.toMatch(/rooms\.invalid|hidden/);
  });
});
