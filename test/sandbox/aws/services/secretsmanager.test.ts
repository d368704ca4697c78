import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../../sandbox/aws/endpoint.ts';
import { CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import { createSecretsManager } from '../../../../sandbox/aws/services/secretsmanager.ts';
import { deployedFunction } from '../../../support/deployed-function.ts';
import { clientOptions, startWorld } from '../protocol/world.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:crm/database-AbCdEf';
const SECRET = JSON.stringify({ username: 'lights_out', password: 'correct horse' });

let endpoint: Endpoint;
let calls: unknown[];
beforeAll(async () => {
  const role = (accessKeyId: string, Resource: string[]) =>
    deployedFunction(accessKeyId, { Action: ['secretsmanager:GetSecretValue'], Resource });
  const callers = new CallerDirectory([role('AKIAVERIFY', [ARN]), role('AKIAOTHER', [`${ARN}x`])]);
  const world = await startWorld(
    { secretsmanager: createSecretsManager(new Map([[ARN, SECRET]])) },
    { callers },
  );
  endpoint = world.endpoint;
  calls = world.log.calls;
});
afterAll(async () => {
  await endpoint.close();
  expect(JSON.stringify(calls)).not.toContain('correct horse');
});

const get = (input: GetSecretValueCommandInput, accessKeyId = 'AKIAVERIFY') =>
  new SecretsManagerClient(clientOptions(endpoint.url, accessKeyId)).send(new GetSecretValueCommand(input));

describe('GetSecretValue', () => {
  test.each([ARN, 'crm/database', ARN.slice(0, -7)])('finds it as %s', async (SecretId) => {
    expect(await get({ SecretId })).toMatchObject({
      ARN,
      Name: 'crm/database',
      SecretString: SECRET,
      VersionStages: ['AWSCURRENT'],
    });
  });

  test('answers the same version twice', async () => {
    const first = await get({ SecretId: ARN });
    const again = await get({ SecretId: ARN, VersionId: first.VersionId });
    expect(again.VersionId).toBe(first.VersionId);
  });

  test.each([
    [{ SecretId: ARN, VersionStage: 'AWSPREVIOUS' }],
    [{ SecretId: ARN, VersionId: 'ffffffff-ffff-4fff-8fff-ffffffffffff' }],
  ])('%j is not there', async (input) => {
    await expect(get(input)).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test('a secret that is missing is not there for who may ask for it', async () => {
    await expect(get({ SecretId: `${ARN}x` }, 'AKIAOTHER')).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test('a secret is refused to who may not read it', async () => {
    await expect(get({ SecretId: ARN }, 'AKIAOTHER')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
