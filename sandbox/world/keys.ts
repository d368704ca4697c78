import { createHash } from 'node:crypto';
import type { CallerDirectory } from '../aws/iam/authorization.ts';
import type { Caller } from '../aws/operation.ts';
import type { Deployment } from '../deployment.ts';
import type { WorldFault } from './faults.ts';

/** A KMS key of the sandbox. */
export interface SandboxKey {
  arn: string;
  id: string;
  /** `AWS`: an AWS managed key, which every caller of the account may use by way of its service. */
  manager: 'AWS' | 'CUSTOMER';
  /** Of an AWS managed key. */
  alias?: string;
  state: 'Enabled' | 'Disabled';
  /** Whether its policy leaves it to the account's IAM policies who may use it, as a key's default policy does. */
  admits: boolean;
}

export interface KeyWorldOptions {
  deployment: Pick<Deployment, 'account' | 'config'>;
  callers: Pick<CallerDirectory, 'allows'>;
  faults: readonly WorldFault[];
  onFault(name: WorldFault['world']): void;
}

/** Services that use keys on behalf of their callers. */
type KeyService = 'rds' | 'ec2';

/** The keys of the account: those that AWS manages for RDS and EBS, and those that the configuration names. */
export class KeyWorld {
  readonly keys: SandboxKey[];
  /** Of the database's storage, and of the servers' volumes. */
  readonly database: SandboxKey;
  readonly volumes: SandboxKey;
  readonly #options: KeyWorldOptions;

  constructor(options: KeyWorldOptions) {
    this.#options = options;
    const { database, files } = options.deployment.config;
    const rds = this.#managed('alias/aws/rds');
    const ebs = this.#managed('alias/aws/ebs');
    const named = [database.kmsKeyArn, database.credentialsKeyArn, ...files.kmsKeyArns];
    const own = [...new Set(named.filter((arn) => arn !== undefined))].map(customerManaged);
    const other = this.#has('other-key') ? customerManaged(this.#arn('another')) : undefined;
    this.keys = [rds, ebs, ...own, ...(other === undefined ? [] : [other])];
    this.database = other ?? own.find(({ arn }) => arn === database.kmsKeyArn) ?? rds;
    this.volumes = own.find(({ arn }) => arn === files.kmsKeyArns[0]) ?? ebs;
    for (const fault of options.faults)
      if ((fault.world === 'key-denied' || fault.world === 'key-disabled') && fault.at === undefined)
        this.strike(fault.world);
    if (other !== undefined) options.onFault('other-key');
  }

  /** By ARN, id or alias. */
  find(keyId: string): SandboxKey | undefined {
    return this.keys.find(
      ({ arn, id, alias }) => keyId === arn || keyId === id || (alias !== undefined && keyId === alias),
    );
  }

  /** Somebody takes the functions' permission away, or disables the key of the database. */
  strike(world: 'key-denied' | 'key-disabled'): void {
    if (world === 'key-denied') this.database.admits = false;
    else this.database.state = 'Disabled';
    this.#options.onFault(world);
  }

  /** Ends what {@link KeyWorld.strike} began. */
  mend(): void {
    for (const key of this.keys) Object.assign(key, { admits: true, state: 'Enabled' });
  }

  /**
   * Whether a service may use the key on behalf of a caller: it makes a grant for itself and describes the key, with the caller's permissions.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html#Overview.Encryption.Keys.Permissions
   *
   * @param actions - what the caller must be allowed. Default: both.
   */
  mayUse(
    key: SandboxKey,
    caller: Caller,
    service: KeyService,
    actions: readonly string[] = ['kms:DescribeKey', 'kms:CreateGrant'],
  ): boolean {
    if (key.state !== 'Enabled') return false;
    if (key.manager === 'AWS') return true;
    const { region, partition } = this.#options.deployment.account;
    const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    const context = new Map([
      ['kms:viaservice', [`${service}.${region}.${suffix}`]],
      ['kms:grantisforawsresource', ['true']],
    ]);
    return (
      key.admits && actions.every((action) => this.#options.callers.allows(caller, action, key.arn, context))
    );
  }

  #managed(alias: string): SandboxKey {
    const arn = this.#arn(alias);
    return { ...customerManaged(arn), manager: 'AWS', alias };
  }

  #arn(name: string): string {
    const { partition, region, account } = this.#options.deployment.account;
    const hex = createHash('sha256').update(`${account} ${name}`).digest('hex');
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
    return `arn:${partition}:kms:${region}:${account}:key/${id.join('-')}`;
  }

  #has(name: WorldFault['world']): boolean {
    return this.#options.faults.some(({ world }) => world === name);
  }
}

function customerManaged(arn: string): SandboxKey {
  return { arn, id: arn.split('/').pop() ?? '', manager: 'CUSTOMER', state: 'Enabled', admits: true };
}
