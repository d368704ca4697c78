import { Signer } from '@aws-sdk/rds-signer';
import { describe, expect, it } from 'vitest';
import { CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import { secretAccessKeyOf } from '../../../../sandbox/aws/secret-access-key.ts';
import { admissionBy } from '../../../../sandbox/world/database/admission.ts';
import { deployedFunction } from '../../../support/deployed-function.ts';

const ACCOUNT = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
const CLOCK = { now: () => Date.now() };

const role = (accessKeyId: string, Resource: string[], Action = ['rds-db:connect']) =>
  deployedFunction(accessKeyId, { Action, Resource });

const callers = new CallerDirectory([
  role('AKIAMAY', ['arn:aws:rds-db:eu-central-1:123456789012:dbuser:*/lights_out']),
  role('AKIAOTHERUSER', ['arn:aws:rds-db:eu-central-1:123456789012:dbuser:*/person']),
  role('AKIAOTHERINSTANCE', ['arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-OTHER/lights_out']),
  role('AKIAREADSSECRETS', ['*'], ['secretsmanager:GetSecretValue']),
]);
const admit = admissionBy(callers, CLOCK as never, ACCOUNT);

const enter = async (accessKeyId: string, port = 5432): Promise<string | undefined> => {
  const signer = new Signer({
    hostname: '127.0.0.1',
    port: 5432,
    username: 'lights_out',
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey: secretAccessKeyOf(accessKeyId) },
  });
  return admit({ token: await signer.getAuthToken(), user: 'lights_out', port, resourceId: 'db-SOURCE' });
};

describe('admission by IAM', () => {
  it('lets in whose role allows it', async () => {
    expect(await enter('AKIAMAY')).toBeUndefined();
  });

  it.each([
    ['AKIAOTHERUSER', /may not rds-db:connect on arn:aws:rds-db:.+:dbuser:db-SOURCE\/lights_out/],
    ['AKIAOTHERINSTANCE', /may not rds-db:connect/],
    ['AKIAREADSSECRETS', /may not rds-db:connect/],
    ['AKIANOBODY', /nobody known here/],
  ])('keeps out %s', async (accessKeyId, problem) => {
    expect(await enter(accessKeyId)).toMatch(problem);
  });

  it('keeps out who brings the token of another endpoint', async () => {
    expect(await enter('AKIAMAY', 5433)).toMatch(/not for 127\.0\.0\.1:5433/);
  });
});
