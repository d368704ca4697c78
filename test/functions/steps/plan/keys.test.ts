import { CreateGrantCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type EncryptedBy, keyFindings } from '../../../../functions/steps/plan/keys.ts';
import { allowNothing, awsError } from '../../fixtures.ts';

const kms = mockClient(KMSClient);

const arn = (id: string): string => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
const OWN = arn('11111111-2222-3333-4444-555555555555');
const ANOTHER = arn('99999999-2222-3333-4444-555555555555');
const MANAGED = arn('00000000-2222-3333-4444-555555555555');

const encrypted = (changes: Partial<EncryptedBy> = {}): EncryptedBy => ({
  key: OWN,
  named: [OWN],
  setting: 'database.kmsKeyArn',
  managedAlias: 'alias/aws/rds',
  users: ['snapshot', 'restore'],
  ...changes,
});

const describedAs = (key: string, metadata: object): void => {
  kms.on(DescribeKeyCommand, { KeyId: key }).resolves({ KeyMetadata: { KeyId: key, Arn: key, ...metadata } });
};

allowNothing(kms);
beforeEach(() => {
  describedAs(OWN, { KeyManager: 'CUSTOMER', KeyState: 'Enabled' });
  kms.on(DescribeKeyCommand, { KeyId: 'alias/aws/rds' }).resolves({
    KeyMetadata: { KeyId: MANAGED, Arn: MANAGED, KeyManager: 'AWS', KeyState: 'Enabled' },
  });
  kms.on(CreateGrantCommand).rejects(awsError('DryRunOperationException', 412));
});

describe('the look at a key', () => {
  it('asks by a dry run whether a named key can be used, for a grant that allows nothing', async () => {
    expect(await keyFindings(encrypted())).toEqual([]);

    expect(kms.commandCalls(CreateGrantCommand).map((call) => call.args[0].input)).toEqual([
      {
        KeyId: OWN,
        GranteePrincipal: 'arn:aws:iam::123456789012:root',
        Operations: ['DescribeKey'],
        DryRun: true,
      },
    ]);
  });

  it('knows a key by its id alone', async () => {
    expect(await keyFindings(encrypted({ key: OWN.split('/')[1] ?? '' }))).toEqual([]);
  });

  it('needs nothing for the key that AWS manages, named or not', async () => {
    describedAs(MANAGED, { KeyManager: 'AWS', KeyState: 'Enabled' });

    expect(await keyFindings(encrypted({ key: MANAGED, named: [] }))).toEqual([]);
    expect(await keyFindings(encrypted({ key: MANAGED, named: [MANAGED] }))).toEqual([]);
    expect(kms.commandCalls(CreateGrantCommand)).toEqual([]);
  });

  it.each([
    ['none', [], /customer managed key .*11111111.*, which database.kmsKeyArn does not name, so/],
    ['another', [ANOTHER], /does not name \(found there: .*99999999/],
  ])('refuses a customer managed key where the configuration names %s', async (_which, named, problem) => {
    expect(await keyFindings(encrypted({ named }))).toEqual([
      {
        problem: expect.stringMatching(problem),
        remedy: expect.stringContaining(`set database.kmsKeyArn to "${OWN}"`),
      },
    ]);
  });

  it('refuses when KMS does not say whose key it is', async () => {
    kms.on(DescribeKeyCommand, { KeyId: 'alias/aws/rds' }).rejects(awsError('AccessDeniedException', 400));

    expect(await keyFindings(encrypted({ named: [] }))).toEqual([
      {
        problem: expect.stringMatching(/does not say whether that is the AWS managed key .*AccessDenied/),
        remedy: expect.stringMatching(
          /if it is a customer managed key, set .*; if it is not, allow kms:DescribeKey/,
        ),
      },
    ]);
  });

  it.each([
    [{ KeyState: 'Disabled' }, /is "Disabled"; expected "Enabled"/, /^enable the key/],
    [
      { KeyState: 'PendingDeletion', DeletionDate: new Date('2026-12-24T00:00:00Z') },
      /is "PendingDeletion", and will be deleted on 2026-12-24/,
      /^cancel the deletion/,
    ],
    [{ KeyState: 'PendingImport' }, /is "PendingImport"/, /^enable/],
    [{ KeyState: 'Unavailable' }, /is "Unavailable"/, /^enable/],
  ])('refuses a key in the state %j', async (state, problem, remedy) => {
    describedAs(OWN, { KeyManager: 'CUSTOMER', ...state });

    expect(await keyFindings(encrypted())).toEqual([
      { problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) },
    ]);
    expect(kms.commandCalls(CreateGrantCommand)).toEqual([]);
  });

  it('goes on while the primary Region of a key is being changed', async () => {
    describedAs(OWN, { KeyManager: 'CUSTOMER', KeyState: 'Updating' });

    expect(await keyFindings(encrypted())).toEqual([]);
  });

  it.each([
    ['describe', () => kms.on(DescribeKeyCommand, { KeyId: OWN }).rejects(awsError('AccessDeniedException'))],
    ['find', () => kms.on(DescribeKeyCommand, { KeyId: OWN }).rejects(awsError('NotFoundException'))],
    ['grant', () => kms.on(CreateGrantCommand).rejects(awsError('AccessDeniedException'))],
  ])('refuses when the function may not %s it, and says who must be let in', async (_what, forbid) => {
    forbid();

    expect(await keyFindings(encrypted())).toEqual([
      {
        problem: expect.stringMatching(
          /its KMS key .*11111111.* cannot be used: (AccessDenied|NotFound)Exception/,
        ),
        remedy: expect.stringMatching(/roles of the functions "plan", "snapshot", "restore"/),
      },
    ]);
  });

  it.each(['ThrottlingException', 'DependencyTimeoutException'])('is asked again after %s', async (name) => {
    kms.on(CreateGrantCommand).rejects(awsError(name));

    await expect(keyFindings(encrypted())).rejects.toThrow(name);
  });
});
