import type { ResourceNames } from '../resource-names.ts';
import { allow, type Permission } from './permission.ts';

/** Permissions for customer managed KMS keys. Empty if the configuration names none. */
export interface KeyPermissions {
  /** Find out before a run whether the keys can be used. */
  look: Permission[];
  /** Snapshot and restore the database under its key, by way of RDS. */
  database: Permission[];
  /** Restore volumes under their keys, by way of EC2. */
  volumes: Permission[];
  /** Start servers whose volumes lie under the keys, by way of EC2. */
  startServers: Permission[];
  /** Read the secret under its key, by way of Secrets Manager. */
  secret: Permission[];
}

export function keyPermissions(names: ResourceNames): KeyPermissions {
  const { database, files } = names.system;
  const own = database.kmsKeyArn === undefined ? [] : [database.kmsKeyArn];
  const ofVolumes = files.backup === 'verify' ? files.kmsKeyArns : [];
  return {
    look: [...whichAreManaged(names), ...tried(names, [...new Set([...own, ...ofVolumes])])],
    database: own.length === 0 ? [] : usedByRds(names, own),
    volumes: ofVolumes.length === 0 ? [] : usedByEc2(names, ofVolumes),
    // Whoever starts a server makes EC2 a grant of its volumes' key: https://repost.aws/knowledge-center/kms-iam-ec2-permission
    startServers: files.kmsKeyArns.length === 0 ? [] : [grantTo(names, 'ec2', files.kmsKeyArns)],
    secret: secretsUnder(names, database.credentialsKeyArn === undefined ? [] : [database.credentialsKeyArn]),
  };
}

/**
 * Read secrets under these keys, only by way of Secrets Manager:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-policies
 */
export function secretsUnder(names: ResourceNames, keys: string[]): Permission[] {
  return keys.length === 0
    ? []
    : [allow(['kms:Decrypt'], keys, undefined, { StringEquals: via(names, 'secretsmanager') })];
}

/** Find the keys that AWS manages for RDS and EBS. Only their aliases identify them. */
function whichAreManaged(names: ResourceNames): Permission[] {
  const aliases = ['alias/aws/rds', 'alias/aws/ebs'];
  return [
    allow(['kms:DescribeKey'], [names.keysArn()], 'only when it is asked for by the alias of AWS’s own key', {
      StringEquals: { 'kms:RequestAlias': aliases },
    }),
  ];
}

/** Try a grant that could only describe the key to its own account. The plan makes no grant; it asks whether it could (`DryRun`). */
function tried(names: ResourceNames, keys: string[]): Permission[] {
  if (keys.length === 0) return [];
  return [
    allow(['kms:DescribeKey'], keys),
    allow(['kms:CreateGrant'], keys, undefined, {
      'ForAllValues:StringEquals': { 'kms:GrantOperations': ['DescribeKey'] },
      StringEquals: { 'kms:GranteePrincipal': names.accountArn() },
    }),
  ];
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html, of Aurora: AuroraUserGuide/Overview.Encryption.Keys.html */
function usedByRds(names: ResourceNames, keys: string[]): Permission[] {
  return [
    allow(['kms:DescribeKey'], keys, undefined, { StringEquals: via(names, 'rds') }),
    grantTo(names, 'rds', keys),
  ];
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions */
function usedByEc2(names: ResourceNames, keys: string[]): Permission[] {
  return [
    allow(
      [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      keys,
      undefined,
      { StringEquals: via(names, 'ec2') },
    ),
    grantTo(names, 'ec2', keys),
  ];
}

/**
 * Grants to the service alone, never to a grantee that the function names:
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
 */
function grantTo(names: ResourceNames, service: string, keys: string[]): Permission {
  return allow(['kms:CreateGrant'], keys, undefined, {
    StringEquals: via(names, service),
    Bool: { 'kms:GrantIsForAWSResource': 'true' },
  });
}

/** The documentation shows neither suffix for this key in the China Regions, so both are allowed. */
function via({ stack }: ResourceNames, service: string): Record<string, string[]> {
  return {
    'kms:ViaService': ['amazonaws.com', 'amazonaws.com.cn'].map(
      (suffix) => `${service}.${stack.region}.${suffix}`,
    ),
  };
}
