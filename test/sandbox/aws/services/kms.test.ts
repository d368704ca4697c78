import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  DescribeKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../../sandbox/aws/endpoint.ts';
import { CallerDirectory } from '../../../../sandbox/aws/iam/authorization.ts';
import type { Caller } from '../../../../sandbox/aws/operation.ts';
import { createKms } from '../../../../sandbox/aws/services/kms.ts';
import type { DeployedFunction, PolicyStatement } from '../../../../sandbox/deployment.ts';
import { KeyWorld } from '../../../../sandbox/world/keys.ts';
import { system, systemInput } from '../../../functions/fixtures.ts';
import { deployedFunction } from '../../../support/deployed-function.ts';
import { clientOptions, startWorld } from '../protocol/world.ts';

const ACCOUNT = { partition: 'aws', region: 'eu-central-1', account: '111122223333' };
const OWN = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const ROOT = 'arn:aws:iam::111122223333:root';

/** Roles as the stack makes them: the plan's, and that of a step whose restores RDS makes. */
const roleOf = (accessKeyId: string, statements: Omit<PolicyStatement, 'Effect'>[]): DeployedFunction => {
  const made = deployedFunction(accessKeyId, { Action: [], Resource: [] });
  return {
    ...made,
    role: { ...made.role, statements: statements.map((statement) => ({ Effect: 'Allow', ...statement })) },
  };
};
const callers = new CallerDirectory([
  roleOf('AKIAPLAN', [
    {
      Action: ['kms:DescribeKey'],
      Resource: ['arn:aws:kms:eu-central-1:111122223333:key/*'],
      Condition: { StringEquals: { 'kms:RequestAlias': ['alias/aws/rds'] } },
    },
    { Action: ['kms:DescribeKey'], Resource: [OWN] },
    {
      Action: ['kms:CreateGrant'],
      Resource: [OWN],
      Condition: {
        'ForAllValues:StringEquals': { 'kms:GrantOperations': ['DescribeKey'] },
        StringEquals: { 'kms:GranteePrincipal': ROOT },
      },
    },
  ]),
  roleOf('AKIARESTORE', [
    {
      Action: ['kms:DescribeKey'],
      Resource: [OWN],
      Condition: { StringEquals: { 'kms:ViaService': ['rds.eu-central-1.amazonaws.com'] } },
    },
    {
      Action: ['kms:CreateGrant'],
      Resource: [OWN],
      Condition: {
        StringEquals: { 'kms:ViaService': ['rds.eu-central-1.amazonaws.com'] },
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
      },
    },
  ]),
]);
const makeKeys = (): KeyWorld =>
  new KeyWorld({
    deployment: {
      account: ACCOUNT,
      config: system({ database: { ...systemInput().database, kmsKeyArn: OWN } }),
    },
    callers,
    faults: [],
    onFault: () => undefined,
  });

let keys = makeKeys();
let endpoint: Endpoint;
beforeAll(async () => {
  const operations = createKms(keys);
  ({ endpoint } = await startWorld({ kms: operations }, { callers }));
});
afterAll(() => endpoint.close());
beforeEach(() => keys.mend());

const client = (accessKeyId: string) => new KMSClient(clientOptions(endpoint.url, accessKeyId));
const describeKey = (KeyId: string, by = 'AKIAPLAN') => client(by).send(new DescribeKeyCommand({ KeyId }));
const dryRun = (changes: Partial<CreateGrantCommandInput> = {}, by = 'AKIAPLAN') =>
  client(by).send(
    new CreateGrantCommand({
      KeyId: OWN,
      GranteePrincipal: ROOT,
      Operations: ['DescribeKey'],
      DryRun: true,
      ...changes,
    }),
  );
const callerOf = (accessKeyId: string): Caller => {
  const caller = callers.find(accessKeyId);
  if (caller === undefined) throw new Error(`nobody has the key ${accessKeyId}`);
  return caller;
};

describe('a key', () => {
  test('is described by its ARN to who may, and an AWS managed key by its alias alone', async () => {
    expect((await describeKey(OWN)).KeyMetadata).toMatchObject({
      Arn: OWN,
      KeyManager: 'CUSTOMER',
      KeyState: 'Enabled',
    });
    const managed = (await describeKey('alias/aws/rds')).KeyMetadata;
    expect(managed).toMatchObject({ KeyManager: 'AWS' });
    await expect(describeKey(managed?.Arn ?? '')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(describeKey(OWN, 'AKIARESTORE')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('says yes to a dry run by its own error', async () => {
    await expect(dryRun()).rejects.toMatchObject({ name: 'DryRunOperationException' });
  });

  test.each<[string, Partial<CreateGrantCommandInput>, string]>([
    ['of more than a look', { Operations: ['DescribeKey', 'Decrypt'] }, 'AKIAPLAN'],
    ['to somebody else', { GranteePrincipal: 'arn:aws:iam::111122223333:role/Mallory' }, 'AKIAPLAN'],
    ['by who may only by way of RDS', {}, 'AKIARESTORE'],
  ])('refuses a grant %s', async (_what, changes, by) => {
    await expect(dryRun(changes, by)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('is refused to everybody once its policy lets the account in no more', async () => {
    keys.strike('key-denied');

    await expect(describeKey(OWN)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('because no resource-based policy allows the kms:DescribeKey action'),
    });
    expect(keys.mayUse(keys.database, callerOf('AKIARESTORE'), 'rds')).toBe(false);
  });

  test('makes no grant while it is disabled, and still says so', async () => {
    keys.strike('key-disabled');

    expect((await describeKey(OWN)).KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    await expect(dryRun()).rejects.toMatchObject({ name: 'DisabledException' });
    expect(keys.mayUse(keys.database, callerOf('AKIARESTORE'), 'rds')).toBe(false);
  });

  test('is used by a service for who may by way of that service', () => {
    keys = makeKeys();
    expect(keys.mayUse(keys.database, callerOf('AKIARESTORE'), 'rds')).toBe(true);
    expect(keys.mayUse(keys.database, callerOf('AKIARESTORE'), 'ec2')).toBe(false);
    expect(keys.mayUse(keys.database, callerOf('AKIAPLAN'), 'rds')).toBe(false);
    // The policy of an AWS managed key lets every caller of its account in by way of its service.
    expect(keys.mayUse(keys.volumes, callerOf('AKIAPLAN'), 'ec2')).toBe(true);
  });
});
