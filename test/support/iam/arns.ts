import type { Deed } from './may.ts';
import type { ResolvedStack } from './policies.ts';

export const RUN = '20261127-2200-1a2b3c4d';
export const OWN = `lights-out-crm-${RUN}`;
export const SYSTEM = { 'lights-out:system': 'crm' };
export const VERIFIED = { ...SYSTEM, 'lights-out:verified': 'yes' };
export const SUPERSEDED = { ...VERIFIED, 'lights-out:superseded': 'yes' };
export const ONCE = { 's3:if-none-match': '*' };

/** ARNs in the account of a stack. */
export class Arns {
  readonly #stack: ResolvedStack;

  constructor(stack: ResolvedStack) {
    this.#stack = stack;
  }

  of(service: string, rest: string): string {
    const { partition, region, account } = this.#stack.account;
    return `arn:${partition}:${service}:${region}:${account}:${rest}`;
  }

  get isCluster(): boolean {
    return this.#stack.shape.system.database.kind === 'cluster';
  }

  /** The database itself, a copy of it, or a snapshot. */
  database = (name = 'crm-db'): string => this.of('rds', `${this.isCluster ? 'cluster' : 'db'}:${name}`);
  snapshot = (name = OWN): string => this.of('rds', `${this.isCluster ? 'cluster-' : ''}snapshot:${name}`);
  instance = (id = this.#stack.shape.system.servers[0]?.instanceId ?? ''): string =>
    this.of('ec2', `instance/${id}`);
  volume = (): string => this.of('ec2', 'volume/vol-0a1b2c3d4e5f60718');
  volumeSnapshot = (): string => {
    const { partition, region } = this.#stack.account;
    return `arn:${partition}:ec2:${region}::snapshot/snap-0a1b2c3d4e5f60718`;
  };
  object = (key: string): string =>
    `arn:${this.#stack.account.partition}:s3:::lightsout-crm-evidence4cc26d68/${key}`;
  evidence = (file: string): string => this.object(`runs/crm/${RUN}/${file}`);
  document = (name: string, account = this.#stack.account.account): string => {
    const { partition, region } = this.#stack.account;
    return `arn:${partition}:ssm:${region}:${account}:document/${name}`;
  };
  machine = (name: string): string => this.of('states', `stateMachine:LightsOut-crm-${name}`);
  action = (instance: string, cluster: string): string => `rds:${this.isCluster ? cluster : instance}`;
  key = (): string => this.of('kms', 'key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809');
  via = (service: string): Record<string, string> => ({
    'kms:ViaService': `${service}.${this.#stack.account.region}.amazonaws.com`,
    'kms:GrantIsForAWSResource': 'true',
  });
}

export const put = (resource: string, request: Deed['request'] = {}): Deed => ({
  action: 's3:PutObject',
  resource,
  request,
});
export const remove = (resource: string): Deed => ({ action: 's3:DeleteObject', resource });

/** A deed, whom it is about, and the steps that may do it in at least one system. */
export type Row = [deed: string, of: (arns: Arns) => Deed, who: string[]];
