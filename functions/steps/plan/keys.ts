import { CreateGrantCommand, DescribeKeyCommand, type KeyMetadata } from '@aws-sdk/client-kms';
import type { Finding } from '../../aws/rds/kind.ts';
import { messageOf } from '../../contract/errors.ts';
import { awsErrorName, isAwsError } from '../../runtime/aws-errors.ts';
import { kms } from '../../runtime/clients.ts';

/** A key that encrypts a resource of the system. */
export interface EncryptedBy {
  /** ARN or id, as RDS or EC2 names it. */
  key: string;
  /** Keys that the configuration names for it. */
  named: readonly string[];
  /** The configuration's field that names them, e.g. `database.kmsKeyArn`. */
  setting: string;
  /** Alias of the key that AWS manages for that service: it needs no permission. */
  managedAlias: 'alias/aws/rds' | 'alias/aws/ebs';
  /** Functions whose roles use it, for the remedy. */
  users: readonly string[];
}

/**
 * States in which a key encrypts and decrypts: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 * ("Updating" is a multi-Region key whose primary Region is being changed).
 */
const USABLE: (string | undefined)[] = ['Enabled', 'Updating'];

/**
 * The reason why a restore under this key would fail, found out without touching anything. RDS and EC2 act on behalf of the caller, who
 * needs `kms:CreateGrant` and `kms:DescribeKey` on a customer managed key
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html).
 */
export async function keyFindings(encrypted: EncryptedBy): Promise<Finding[]> {
  const configured = encrypted.named.find((arn) => isSameKey(arn, encrypted.key));
  if (configured === undefined) return notNamed(encrypted);
  const described = await describe(configured);
  if (typeof described === 'string') return [mayNotBeUsed(encrypted, described)];
  // The AWS managed key allows every caller of its account through its service.
  if (described.KeyManager === 'AWS') return [];
  if (!USABLE.includes(described.KeyState)) return [inNoState(encrypted, described)];
  const refusal = await tryGrant(configured, described);
  return refusal === undefined ? [] : [mayNotBeUsed(encrypted, refusal)];
}

/**
 * Tells whether nobody but a role with rights on this very key may use it: KMS does not know it as the key that AWS manages for the service, and the
 * configuration does not name it.
 */
export async function isUnnamed({
  key,
  named,
  managedAlias,
}: Pick<EncryptedBy, 'key' | 'named' | 'managedAlias'>): Promise<boolean> {
  if (named.some((arn) => isSameKey(arn, key))) return false;
  const managed = await describe(managedAlias);
  return typeof managed === 'string' || !isSameKey(managed.Arn ?? '', key);
}

/** Only the AWS managed key needs no mention. */
async function notNamed({ key, named, setting, managedAlias }: EncryptedBy): Promise<Finding[]> {
  const managed = await describe(managedAlias);
  const remedy = `set ${setting} to "${key}" in systems.ts and deploy, so that its functions may use the key`;
  if (typeof managed === 'string') {
    return [
      {
        problem: `it is encrypted with ${key}, and KMS does not say whether that is the AWS managed key ${managedAlias} (${managed})`,
        remedy: `if it is a customer managed key, ${remedy}; if it is not, allow kms:DescribeKey on ${managedAlias} to the role of the function "plan"`,
      },
    ];
  }
  if (isSameKey(managed.Arn ?? '', key)) return [];
  return [
    {
      problem: `it is encrypted with the customer managed key ${key}, which ${setting} does not name${
        named.length === 0 ? '' : ` (found there: ${named.join(', ')})`
      }, so it could not be restored`,
      remedy,
    },
  ];
}

function inNoState({ key, setting }: EncryptedBy, { KeyState, DeletionDate }: KeyMetadata): Finding {
  const when = DeletionDate === undefined ? '' : `, and will be deleted on ${DeletionDate.toISOString()}`;
  return {
    problem: `its KMS key ${key} (${setting}) is "${KeyState}"${when}; expected "Enabled"`,
    remedy:
      KeyState === 'PendingDeletion'
        ? 'cancel the deletion and enable the key: without it every backup under it is lost'
        : 'enable the key in the KMS console',
  };
}

function mayNotBeUsed({ key, setting, users }: EncryptedBy, refusal: string): Finding {
  return {
    problem: `its KMS key ${key} (${setting}) cannot be used: ${refusal}`,
    remedy: `let the policy of the key allow kms:DescribeKey and kms:CreateGrant to the roles of the functions ${['plan', ...users].map((user) => `"${user}"`).join(', ')}, or leave it to the account's IAM policies; docs/deploy.md, "Keys", has both`,
  };
}

/** KMS's description of a key, or the reason why KMS gives none. */
async function describe(KeyId: string): Promise<KeyMetadata | string> {
  try {
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata ?? { KeyId };
  } catch (error) {
    if (isAwsError(error, 'AccessDeniedException', 'NotFoundException', 'InvalidArnException'))
      return `${awsErrorName(error)}: ${messageOf(error)}`;
    throw error;
  }
}

/**
 * Asks KMS by a dry run whether a grant could be made. A dry run makes no grant and always ends in an error:
 * https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html. The grant would only let the key's own account describe
 * it.
 *
 * @returns why not, or undefined when the grant could be made.
 */
async function tryGrant(KeyId: string, { Arn = KeyId }: KeyMetadata): Promise<string | undefined> {
  const [, partition, , , account] = Arn.split(':');
  try {
    await kms().send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: `arn:${partition}:iam::${account}:root`,
        Operations: ['DescribeKey'],
        DryRun: true,
      }),
    );
    return undefined;
  } catch (error) {
    if (isAwsError(error, 'DryRunOperationException')) return undefined;
    if (isAwsError(error, 'AccessDeniedException', 'DisabledException', 'KMSInvalidStateException'))
      return `${awsErrorName(error)}: ${messageOf(error)}`;
    throw error;
  }
}

/** Compares keys by id: RDS and EC2 name a key by its ARN, or by its id if it was given so. */
function isSameKey(one: string, other: string): boolean {
  const idOf = (key: string): string => key.split('/').pop() ?? key;
  return idOf(one) === idOf(other);
}
