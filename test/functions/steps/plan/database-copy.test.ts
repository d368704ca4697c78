import { CreateGrantCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { DescribeOrderableDBInstanceOptionsCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookAtDatabase } from '../../../../functions/steps/plan/database.ts';
import { awsError, system, systemInput } from '../../fixtures.ts';
import { answers, ordinaryInstance } from './instance-look.ts';
import { kms, quotas, rds } from './rds-look.ts';

ordinaryInstance();

describe('the look at a DB instance', () => {
  it('plans to copy its tags only where the configuration says so, and none of AWS’s own', async () => {
    answers({
      TagList: [
        { Key: 'team', Value: 'sales' },
        { Key: 'aws:cloudformation:stack-name', Value: 'crm' },
      ],
    });

    expect(
      (await lookAtDatabase(system({ copyTags: true }), { verification: 'full' })).database?.tags,
    ).toEqual([{ Key: 'team', Value: 'sales' }]);
    expect((await lookAtDatabase(system(), { verification: 'full' })).database).not.toHaveProperty('tags');
  });

  it('refuses more tags than AWS takes', async () => {
    answers({ TagList: Array.from({ length: 50 }, (_each, index) => ({ Key: `k${index}`, Value: '' })) });

    expect(
      (await lookAtDatabase(system({ copyTags: true }), { verification: 'full' })).reasons,
    ).toMatchObject([
      {
        problem: expect.stringContaining('would carry 55 tags'),
        remedy: expect.stringContaining('copyTags'),
      },
    ]);
    expect((await lookAtDatabase(system(), { verification: 'full' })).reasons).toEqual([]);
  });

  describe('under a KMS key', () => {
    const key = (id: string): string => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
    const look = (kmsKeyArn?: string, verification: 'full' | 'none' = 'full') =>
      lookAtDatabase(
        system({
          database: { ...systemInput().database, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) },
        }),
        { verification },
      );
    beforeEach(() => {
      answers({ StorageEncrypted: true, KmsKeyId: key('own') });
      kms.on(DescribeKeyCommand).callsFake(({ KeyId }) => ({
        KeyMetadata: {
          KeyId,
          Arn: KeyId === 'alias/aws/rds' ? key('of-aws') : KeyId,
          KeyState: 'Enabled',
          KeyManager: 'CUSTOMER',
        },
      }));
      kms.on(CreateGrantCommand).rejects(awsError('DryRunOperationException', 412));
    });

    it('finds nothing against the key that the configuration names', async () => {
      expect((await look(key('own'))).reasons).toEqual([]);
    });

    it('refuses a customer managed key that it does not name', async () => {
      expect((await look()).reasons).toEqual([
        {
          resource: 'database crm-db',
          problem: expect.stringContaining(`customer managed key ${key('own')}`),
          remedy: expect.stringContaining(`set database.kmsKeyArn to "${key('own')}"`),
        },
      ]);
    });

    it('refuses a named key that may not be used', async () => {
      kms.on(CreateGrantCommand).rejects(awsError('AccessDeniedException'));

      expect((await look(key('own'))).reasons).toMatchObject([
        { resource: 'database crm-db', problem: expect.stringContaining('cannot be used') },
      ]);
    });

    it('asks for no key in a run that restores nothing, unless one is named', async () => {
      expect((await look(undefined, 'none')).reasons).toEqual([]);
      expect(kms.calls()).toEqual([]);
    });

    it('says that a key has no use where nothing is encrypted', async () => {
      answers({ StorageEncrypted: false });

      const { reasons, warnings } = await look(key('own'));

      expect(reasons).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/not encrypted, so database.kmsKeyArn has no use/)]);
    });
  });

  it('wants no room for a copy that will not be made', async () => {
    quotas(
      { AccountQuotaName: 'ManualSnapshots', Used: 99, Max: 100 },
      { AccountQuotaName: 'DBInstances', Used: 40, Max: 40 },
    );

    expect((await lookAtDatabase(system(), { verification: 'none' })).reasons).toEqual([]);
  });

  it('refuses a copy of a class that RDS does not offer, unless no copy is made', async () => {
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [] });
    const config = system({
      database: { ...systemInput().database, testInstance: { instanceClass: 'db.t2.micro' } },
    });

    expect((await lookAtDatabase(config, { verification: 'full' })).reasons).toEqual([
      {
        resource: 'database crm-db',
        problem: expect.stringContaining('no db.t2.micro for postgres 18.4'),
        remedy: expect.stringContaining('correct database.testInstance.instanceClass'),
      },
    ]);
    expect((await lookAtDatabase(system(), { verification: 'full' })).reasons).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('no db.m7g.large') }),
    ]);
    expect((await lookAtDatabase(config, { verification: 'none' })).reasons).toEqual([]);
    expect(rds.commandCalls(DescribeOrderableDBInstanceOptionsCommand)[0]?.args[0].input).toEqual({
      Engine: 'postgres',
      EngineVersion: '18.4',
      DBInstanceClass: 'db.t2.micro',
      Vpc: true,
    });
  });
});
