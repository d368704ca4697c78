import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedClock } from '../clock.ts';
import type { Deployment } from '../deployment.ts';
import type { RdsEventKind } from '../events/rds.ts';
import type { WorldFault } from '../faults.ts';
import type { ServerCertificate } from './certificates.ts';
import type { Reader, SandboxEngine, Session } from './database-server.ts';
import { sandboxEngine } from './engines.ts';
import { type Instance, resourceIdOf, type Snapshot } from './instance.ts';
import { TokenFront } from './token-front.ts';

export interface DatabaseWorldOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  faults: WorldFault[];
  /** SQL file to load in place of the generated CRM. */
  seedSql?: string | undefined;
  /** IAM database authentication: why a token does not let its bearer in; undefined when it does. */
  admit: Admission;
  /** Where data directories go; removed at the end by the caller. */
  workDirectory: string;
  /** Of the servers. */
  certificate: ServerCertificate;
  /** Told of a fault of the world when it strikes. */
  onFault?: (name: WorldFault['world']) => void;
  /** What makes the servers. Default: the engine of the system, every server anew. */
  engine?: SandboxEngine | undefined;
}

/** Why a connection to an instance with a token is refused; undefined when it is not. */
export type Admission = (claim: {
  token: string;
  user: string;
  /** Of the endpoint that was connected to. */
  port: number;
  /** `db-ABC…`. */
  resourceId: string;
}) => string | undefined;

/** Name of the user whose credentials the secret holds, where the configuration names no `iamUser`. */
export const READER = 'lights_out';

/** Database of the CRM where the configuration names none. */
const CRM_DATABASE = 'crm';

/** The RDS of the sandbox: real servers, one an instance, and copies of their storage as snapshots. */
export class DatabaseWorld {
  readonly options: DatabaseWorldOptions;
  readonly instances = new Map<string, Instance>();
  readonly snapshots = new Map<string, Snapshot>();
  /** PEM of the authority that signs the servers' certificates. */
  readonly caCertificate: string;
  /** JSON for Secrets Manager; undefined with IAM database authentication. */
  readonly secretValue: string | undefined;
  /** Texts that may stand in nothing that a run leaves behind: the user's password, or what every token holds. */
  readonly secrets: string[];
  /** Databases of the source that hold the CRM. */
  databases: string[] = [];
  /** Called with what RDS tells of an instance: `stopped`, `started`, `forced-start`. */
  onEvent: (kind: RdsEventKind, instance: Instance) => void = () => undefined;
  readonly engine: SandboxEngine;
  readonly #certificate: ServerCertificate;
  readonly #administratorPassword: string;
  readonly #reader: Reader;
  /** Copies under way: awaited before everything is removed. */
  #work = new Set<Promise<void>>();

  private constructor(options: DatabaseWorldOptions, engine: SandboxEngine) {
    this.options = options;
    this.engine = engine;
    this.#certificate = options.certificate;
    this.#administratorPassword = randomBytes(18).toString('base64url');
    this.caCertificate = options.certificate.ca;
    const { iamUser } = options.deployment.config.database;
    const password = randomBytes(18).toString('base64url');
    this.#reader =
      iamUser === undefined ? { user: READER, password } : { user: iamUser, password: undefined };
    this.secretValue = iamUser === undefined ? JSON.stringify({ username: READER, password }) : undefined;
    this.secrets = [this.#reader.password ?? 'X-Amz-Signature='];
  }

  /**
   * Starts the source with its data.
   *
   * @throws BadInputError when this machine has no server of the system's engine, SeedSqlError when the SQL file cannot be loaded.
   */
  static async create(options: DatabaseWorldOptions): Promise<DatabaseWorld> {
    const { engine } = options.deployment.config.database;
    const world = new DatabaseWorld(
      options,
      options.engine ?? (await sandboxEngine(engine, options.workDirectory)),
    );
    try {
      await world.startSource();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  private async startSource(): Promise<void> {
    const { identifier, databases, iamUser } = this.options.deployment.config.database;
    const { seedSql } = this.options;
    const { server } = this.addInstance(identifier, {
      status: 'available',
      hasEndpoint: true,
      iamAuthentication: iamUser !== undefined,
    });
    await server.initialise();
    await server.start();
    const database = seedSql === undefined ? (databases?.[0] ?? CRM_DATABASE) : CRM_DATABASE;
    this.databases = await server.fill({ reader: this.#reader, database, seedSql });
    if (this.strikes('database-unreachable')) await server.stop();
  }

  /** The CRM's own database instance. */
  get source(): Instance {
    const instance = this.instances.get(this.options.deployment.config.database.identifier);
    if (instance === undefined) throw new Error('the source instance is gone');
    return instance;
  }

  arn(kind: string, name: string): string {
    const { partition, region, account } = this.options.deployment.account;
    return `arn:${partition}:rds:${region}:${account}:${kind}:${name}`;
  }

  hasFault(name: WorldFault['world']): boolean {
    return this.options.faults.some((fault) => fault.world === name);
  }

  /** Whether this fault strikes now: then it has happened. */
  strikes(name: WorldFault['world']): boolean {
    if (!this.hasFault(name)) return false;
    this.options.onFault?.(name);
    return true;
  }

  addInstance(identifier: string, properties: Partial<Instance> = {}): Instance {
    const now = this.options.clock.now();
    const resourceId = resourceIdOf(identifier, now);
    const { iamAuthentication = false } = properties;
    const { family, optionFamily } = this.engine.facts;
    const instance: Instance = {
      identifier,
      arn: this.arn('db', identifier),
      resourceId,
      status: 'creating',
      server: this.engine.makeServer({
        dataDirectory: join(this.options.workDirectory, 'instances', `${identifier}-${this.instances.size}`),
        certificate: this.#certificate,
        password: this.#administratorPassword,
        front: iamAuthentication ? this.front(resourceId) : undefined,
      }),
      tags: [],
      instanceClass: 'db.m7g.large',
      subnetGroup: 'crm-subnets',
      engine: this.engine.facts,
      parameterGroup: `crm-${family}`,
      optionGroup: `default:${optionFamily}`,
      securityGroups: ['sg-0123456789abcdef0'],
      publiclyAccessible: false,
      deletionProtection: true,
      multiAz: false,
      iamAuthentication,
      createdAt: new Date(now),
      hasEndpoint: false,
      ...properties,
    };
    this.instances.set(identifier, instance);
    return instance;
  }

  private front(resourceId: string): TokenFront {
    return new TokenFront({
      certificate: this.#certificate,
      greeting: this.engine.greeting,
      admit: (user, token, port) => this.options.admit({ user, token, port, resourceId }),
    });
  }

  /** Copies the source's files into the snapshot; real work, so simulated time slows to real speed meanwhile. */
  async copySource(snapshot: Snapshot): Promise<void> {
    if (this.strikes('stray-write')) await this.tamper(this.source, undefined);
    await this.track(() => this.source.server.takeBackup(snapshot.directory));
  }

  /** Starts a server on a copy of the snapshot. */
  async startCopy(snapshot: Snapshot, instance: Instance): Promise<void> {
    await this.track(async () => {
      await instance.server.layOut(snapshot.directory);
      await instance.server.start();
    });
    const corrupt = this.options.faults.find((fault) => fault.world === 'corrupt-restore');
    if (corrupt === undefined) return;
    this.options.onFault?.(corrupt.world);
    await this.tamper(instance, 'table' in corrupt ? corrupt.table : undefined);
  }

  private async tamper(instance: Instance, table: string | undefined): Promise<void> {
    await instance.server.changeOneCell(this.databases[0] ?? CRM_DATABASE, table);
  }

  /** Real work: the clock runs at real speed, and a stop waits for it. */
  async track(work: () => Promise<void>): Promise<void> {
    const release = this.options.clock.work();
    const promise = work().finally(release);
    this.#work.add(promise);
    try {
      await promise;
    } finally {
      this.#work.delete(promise);
    }
  }

  /** For the people of the sandbox. */
  signIn(applicationName: string): Promise<Session> {
    return this.source.server.signIn(this.databases[0] ?? CRM_DATABASE, applicationName);
  }

  resources(): { database: string; testInstances: string[] } {
    const source = this.options.deployment.config.database.identifier;
    return {
      database: this.source.status,
      testInstances: [...this.instances.keys()].filter((identifier) => identifier !== source),
    };
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#work]);
    await Promise.all([...this.instances.values()].map((instance) => instance.server.stop()));
    await rm(join(this.options.workDirectory, 'instances'), { recursive: true, force: true });
  }
}
