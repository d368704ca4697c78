import { z } from 'zod';
import { KmsKeyArn } from './kms-config.ts';

/** Engines whose backups can be verified, and the port that each listens on unless told otherwise. */
const DEFAULT_PORTS = { postgres: 5432, mysql: 3306, mariadb: 3306, sqlserver: 1433 } as const;
const ENGINES = Object.keys(DEFAULT_PORTS) as (keyof typeof DEFAULT_PORTS)[];

const DatabaseShape = z.strictObject({
  /** What RDS calls the database: a DB `instance` (Single-AZ or Multi-AZ), or a DB `cluster` (Aurora). Default `instance`. */
  kind: z
    .enum(['instance', 'cluster'], {
      error: 'expected "instance" (an RDS DB instance) or "cluster" (Aurora)',
    })
    .default('instance'),
  /** Identifier of the DB instance or DB cluster. */
  identifier: z
    .string()
    .regex(
      /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/,
      'expected an RDS identifier: at most 63 letters, digits and single hyphens, starting with a letter',
    ),
  /** What the database runs on: the engines whose backups can be verified. */
  engine: z.enum(ENGINES, {
    error: `expected ${ENGINES.map((name) => `"${name}"`).join(', ')}: the engines whose backups this version can verify`,
  }),
  /**
   * TCP port. Default: the engine's own, 5432, 3306 or 1433.
   *
   * @example 5433
   */
  port: z.number().int().min(1).max(65535).optional(),
  /** Names of the databases of the CRM. Default: every database of the instance that accepts connections. */
  databases: z.array(z.string().min(1)).min(1).optional(),
  /**
   * How much of a database one call of the comparison reads, in MiB on the disk. A larger database is read in batches of this size
   * by several calls side by side. Default 8192: at 20 MiB/s, a slow first touch of a restored volume, 7 of a call's 15 minutes.
   *
   * @example 4096
   */
  comparisonBatchMib: z
    .number()
    .positive()
    .max(16_384, 'expected at most 16384 MiB: a batch has to be read within a function’s 15 minutes')
    .default(8192),
  /** Secrets Manager secret with `username` and `password` (the form RDS itself manages). Either this or `iamUser`. */
  credentialsSecretArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+$/,
      'expected the ARN of a Secrets Manager secret, e.g. "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-a1b2c3"',
    )
    .optional(),
  /**
   * KMS key of the secret, when it is a customer managed key.
   *
   * @example 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
   */
  credentialsKeyArn: KmsKeyArn.optional(),
  /**
   * Customer managed KMS key that the database's storage is encrypted with: RDS uses it on behalf of the functions that snapshot and restore the database, so they
   * must be allowed to. Default: none, as for storage under the AWS managed key `aws/rds`, or not encrypted. The plan refuses when RDS names another key.
   *
   * @example 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
   */
  kmsKeyArn: KmsKeyArn.optional(),
  /**
   * Database user that signs in by IAM database authentication, with a token that the functions sign themselves: no password is
   * kept anywhere. In the spelling of the database, where it must be allowed to
   * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html). Either this or `credentialsSecretArn`.
   *
   * @example 'lights_out'
   */
  iamUser: z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/,
      'expected the name of a database user: at most 63 letters, digits and _ . -, starting with a letter',
    )
    .optional(),
  /** The instance that the snapshot is restored to and compared on. */
  testInstance: z
    .strictObject({
      /** DB instance class. Default: the source's, of a cluster its writer's: known to hold the data under the same parameter groups. */
      instanceClass: z
        .string()
        .regex(/^db\.(serverless|[a-z0-9]+\.[a-z0-9]+)$/, 'expected a DB instance class, e.g. "db.t4g.large"')
        .optional(),
      /**
       * DB subnet group. Default: the source's.
       *
       * @example 'crm-test'
       */
      subnetGroup: z.string().min(1).optional(),
    })
    .prefault({}),
});

/** A user's name and how it proves itself: by a secret or by IAM, never both, never neither. */
export const Database = DatabaseShape.check((context) => {
  const { credentialsSecretArn, credentialsKeyArn, engine, iamUser } = context.value;
  const problem = (path: string[], message: string): void => {
    context.issues.push({ code: 'custom', path, message, input: context.value });
  };
  if ((credentialsSecretArn === undefined) === (iamUser === undefined)) {
    problem(
      [],
      `expected exactly one of credentialsSecretArn (a password in Secrets Manager) and iamUser (IAM database authentication), found ${iamUser === undefined ? 'neither' : 'both'}`,
    );
  }
  if (iamUser !== undefined && credentialsKeyArn !== undefined)
    problem(['credentialsKeyArn'], 'with iamUser there is no secret that a key could encrypt; leave it out');
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
  if (iamUser !== undefined && engine === 'sqlserver')
    problem(['iamUser'], 'RDS for SQL Server has no IAM database authentication; use credentialsSecretArn');
}).transform((database) => ({ ...database, port: database.port ?? DEFAULT_PORTS[database.engine] }));
