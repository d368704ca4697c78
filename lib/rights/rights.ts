import type { SystemConfig } from '../../functions/contract/config.ts';
import type { ResourceNames } from '../resource-names.ts';
import { type DatabasePermissions, databasePermissions } from './database.ts';
import { type Files, ownFiles } from './evidence.ts';
import { type KeyPermissions, keyPermissions } from './keys.ts';
import { type NoticePermissions, noticePermissions } from './notices.ts';
import { allow, anyResource, DESCRIBE_ONLY, OWN_PREFIX, type Permission } from './permission.ts';

/** The building blocks of a system's permissions. Each file of `lib/steps` takes the blocks for its function's calls. */
export class Rights {
  readonly names: ResourceNames;
  readonly system: SystemConfig;
  readonly database: DatabasePermissions;
  readonly keys: KeyPermissions;
  readonly notices: NoticePermissions;
  readonly #bucketArn: string;

  constructor(names: ResourceNames, bucketArn: string) {
    this.names = names;
    this.system = names.system;
    this.database = databasePermissions(names);
    this.keys = keyPermissions(names);
    this.notices = noticePermissions(names);
    this.#bucketArn = bucketArn;
  }

  /** Objects of the bucket below a prefix. */
  objects(prefix: string): string {
    return `${this.#bucketArn}/${prefix}/*`;
  }

  read(...prefixes: string[]): Permission {
    return allow(
      ['s3:GetObject'],
      prefixes.map((prefix) => this.objects(prefix)),
      OWN_PREFIX,
    );
  }

  write(...prefixes: string[]): Permission {
    return allow(
      ['s3:GetObject', 's3:PutObject'],
      prefixes.map((prefix) => this.objects(prefix)),
      OWN_PREFIX,
    );
  }

  /** Take the lock, take it over and release it. */
  get locks(): Permission {
    return allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [this.objects('locks')], OWN_PREFIX);
  }

  get releaseLock(): Permission {
    return allow(['s3:GetObject', 's3:DeleteObject'], [this.objects('locks')], OWN_PREFIX);
  }

  /** Without this permission S3 answers 403 in place of 404 for a missing object. */
  get list(): Permission {
    return allow(['s3:ListBucket'], [this.#bucketArn]);
  }

  /** Write the files of a run's evidence that only this function writes. */
  files(files: Files): Permission[] {
    return ownFiles(files, this.names, this.#bucketArn);
  }

  /**
   * Record the requester once: an existing record is never overwritten.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
   */
  get recordRequest(): Permission {
    return allow(['s3:PutObject'], [this.objects('requests')], OWN_PREFIX, {
      Null: { 's3:if-none-match': 'false' },
    });
  }

  /** Sign in to the database: by a token that IAM checks, or with a password from Secrets Manager. */
  get signIn(): Permission[] {
    const { credentialsSecretArn, iamUser } = this.system.database;
    if (iamUser !== undefined) {
      return [
        allow(
          ['rds-db:connect'],
          [this.names.databaseUserArn(iamUser)],
          'this user alone, on source and test instance, whose resource ids are not known before they exist: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html',
        ),
      ];
    }
    return [
      ...(credentialsSecretArn === undefined
        ? []
        : [allow(['secretsmanager:GetSecretValue'], [credentialsSecretArn])]),
      ...this.keys.secret,
    ];
  }

  /** Send a document to the system's servers. */
  command(documentArn: string): Permission {
    return allow(['ssm:SendCommand'], [documentArn, ...this.names.serverArns()]);
  }

  get commandAnswers(): Permission {
    return anyResource(
      ['ssm:GetCommandInvocation', 'ssm:ListCommandInvocations'],
      'these actions know no resource here; they read answers of commands by their id',
    );
  }

  get agents(): Permission {
    return this.describe('ssm:DescribeInstanceInformation');
  }

  /** Actions without resource-level permissions, which read only names and states. */
  describe(...actions: string[]): Permission {
    return anyResource(actions, DESCRIBE_ONLY);
  }

  /** Read RDS's events, e.g. that RDS itself started a database. */
  get databaseEvents(): Permission {
    return anyResource(['rds:DescribeEvents'], 'DescribeEvents knows no resource; it reads what RDS told');
  }

  /** Actions on the executions of all the system's state machines. */
  executions(...actions: string[]): Permission {
    return allow(actions, this.names.executionsArns(), 'the executions of this system’s own state machines');
  }

  /** See the state of everything between runs. */
  get lookAround(): Permission[] {
    return [
      ...this.database.describe,
      this.describe('ec2:DescribeInstances'),
      this.executions('states:DescribeExecution'),
      this.list,
    ];
  }
}
