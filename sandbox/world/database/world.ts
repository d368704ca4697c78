import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RdsEventKind } from '../../aws/events/rds.ts';
import { faultOf, type WorldFault } from '../faults.ts';
import type { ServerCertificate } from './certificates.ts';
import { auroraFacts, type Cluster, type ClusterSnapshot, newCluster } from './cluster.ts';
import type { DatabaseServer, Reader, SandboxEngine, Session } from './database-server.ts';
import { sandboxEngine } from './engines.ts';
import { type Instance, newInstance, resourceIdOf, type Snapshot } from './instance.ts';
import { TokenFront } from './token-front.ts';
import type { DatabaseWorldOptions, Quota, Served } from './world-options.ts';

/** Name of the user whose credentials the secret holds, where the configuration names no `iamUser`. */
export const READER = 'lights_out';

/** Database of the CRM where the configuration names none. */
const CRM_DATABASE = 'crm';

/** The RDS of the sandbox: real servers, one an instance, and copies of their storage as snapshots. */
export class DatabaseWorld {
  readonly options: DatabaseWorldOptions;
  readonly instances = new Map<string, Instance>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly clusters = new Map<string, Cluster>();
  readonly clusterSnapshots = new Map<string, ClusterSnapshot>();
  /** PEM of the authority that signs the servers' certificates. */
  readonly caCertificate: string;
  /** JSON for Secrets Manager; undefined with IAM database authentication. */
  readonly secretValue: string | undefined;
  /** Texts that may stand in nothing that a run leaves behind: the user's password, or what every token holds. */
  readonly secrets: string[];
  /** Databases of the source that hold the CRM. */
  databases: string[] = [];
  /** Called with what RDS tells of an instance or a cluster: `stopped`, `started`, `forced-start`. */
  onEvent: (kind: RdsEventKind, resource: Instance | Cluster) => void = () => undefined;
  /** What was written to the source after its backup and not taken back: simulated times, in milliseconds. */
  readonly lateWrites: number[] = [];
  /** Resolves when whatever was begun to be written so has been written. */
  written: Promise<void> = Promise.resolve();
  /** Nothing goes wrong any more when the source starts. */
  isMended = false;
  /** Quotas of the account that are reached. */
  readonly usedUp = new Set<Quota>();
  readonly engine: SandboxEngine;
  readonly #certificate: ServerCertificate;
  readonly #administratorPassword: string;
  readonly #reader: Reader;
  /** Copies under way: awaited before everything is removed. */
  #work = new Set<Promise<void>>();

  private constructor(options: DatabaseWorldOptions, engine: SandboxEngine) {
    this.options = options;
    const quota = this.fault('quota-reached');
    if (quota !== undefined && quota.at === undefined) this.usedUp.add(quota.quota);
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
    const { databases } = this.options.deployment.config.database;
    const { seedSql, rows } = this.options;
    const { server } = this.addSource();
    await server.initialise();
    await server.start();
    const database = seedSql === undefined ? (databases?.[0] ?? CRM_DATABASE) : CRM_DATABASE;
    this.databases = await server.fill({ reader: this.#reader, database, seedSql, rows });
    if (this.strikes('database-unreachable')) await server.stop();
  }

  /** @returns the instance that serves the CRM. */
  private addSource(): Instance {
    const { kind, identifier, iamUser } = this.options.deployment.config.database;
    const running = {
      status: 'available',
      hasEndpoint: true,
      iamAuthentication: iamUser !== undefined,
      deletionProtection: true,
      kmsKey: this.options.keys?.database.arn,
    };
    if (kind === 'instance') return this.addInstance(identifier, running);
    const cluster = this.addCluster(identifier, { ...running, tags: [] });
    const { server, engine, iamAuthentication } = cluster;
    const member = { ...running, cluster, server, engine, iamAuthentication, deletionProtection: false };
    const writer = this.addInstance(`${identifier}-instance-1`, member);
    this.addInstance(`${identifier}-instance-2`, member);
    return writer;
  }

  /** The instance that serves the CRM: its own database instance, or the writer of its cluster. */
  get source(): Instance {
    const instance = [...this.instances.values()].find((each) => this.isSource(each));
    if (instance === undefined) throw new Error('the source instance is gone');
    return instance;
  }

  /** What is snapshotted, stopped and started: the CRM's own database instance, or its cluster. */
  get sourceDatabase(): Instance | Cluster {
    return this.source.cluster ?? this.source;
  }

  private isSource({ identifier, cluster }: Instance): boolean {
    return (cluster?.identifier ?? identifier) === this.options.deployment.config.database.identifier;
  }

  /** The instances of a cluster, the writer first. */
  membersOf(cluster: Cluster): Instance[] {
    return [...this.instances.values()].filter(
      (instance) => instance.cluster === cluster && this.isListed(instance),
    );
  }

  /** What was made a moment ago RDS does not list yet. */
  isListed({ listedFrom }: Pick<Instance | Cluster, 'listedFrom'>): boolean {
    return this.options.clock.now() >= listedFrom;
  }

  arn(kind: string, name: string): string {
    const { partition, region, account } = this.options.deployment.account;
    return `arn:${partition}:rds:${region}:${account}:${kind}:${name}`;
  }

  hasFault(name: WorldFault['world']): boolean {
    return this.options.faults.some((fault) => fault.world === name);
  }

  /** A fault with its details, when it is asked for. */
  fault<Name extends WorldFault['world']>(name: Name): Extract<WorldFault, { world: Name }> | undefined {
    return faultOf(this.options.faults, name);
  }

  /** The account has no more of these. Asked for by who would need one. */
  isUsedUp(quota: Quota): boolean {
    if (!this.usedUp.has(quota)) return false;
    this.options.onFault?.('quota-reached');
    return true;
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
    const folder = `${identifier}-${this.instances.size}`;
    const server = properties.server ?? this.makeServer(folder, { identifier, resourceId, ...properties });
    const arn = this.arn('db', identifier);
    const instance = newInstance(
      { identifier, arn, resourceId, server, engine: this.engine.facts, now },
      properties,
    );
    this.instances.set(identifier, instance);
    return instance;
  }

  addCluster(identifier: string, properties: Partial<Cluster> = {}): Cluster {
    const now = this.options.clock.now();
    const resourceId = resourceIdOf(identifier, now).replace(/^db-/, 'cluster-');
    const server = this.makeServer(`cluster-${identifier}`, { identifier, resourceId, ...properties });
    const arn = this.arn('cluster', identifier);
    const cluster = newCluster(
      { identifier, arn, resourceId, server, engine: auroraFacts(this.engine.facts), now },
      properties,
    );
    this.clusters.set(identifier, cluster);
    return cluster;
  }

  private makeServer(folder: string, of: Served): DatabaseServer {
    const isWatched = of.iamAuthentication === true || this.options.disturb !== undefined;
    return this.engine.makeServer({
      dataDirectory: join(this.options.workDirectory, 'instances', folder),
      certificate: this.#certificate,
      password: this.#administratorPassword,
      front: isWatched ? this.front(of) : undefined,
    });
  }

  private front({ identifier, resourceId, iamAuthentication }: Served): TokenFront {
    const { admit, deployment, disturb } = this.options;
    const on = identifier === deployment.config.database.identifier ? 'source' : 'copy';
    return new TokenFront({
      certificate: this.#certificate,
      greeting: this.engine.greeting,
      admit:
        iamAuthentication === true
          ? (user, token, port) => admit({ user, token, port, resourceId })
          : undefined,
      disturb: disturb === undefined ? undefined : () => disturb(on),
    });
  }

  /** Copies the source's files into a folder; real work, so simulated time slows to real speed meanwhile. */
  async copySource(directory: string): Promise<void> {
    const { server } = this.source;
    if (this.strikes('stray-write')) await server.changeOneCell(this.mainDatabase, undefined);
    await this.track(() => server.takeBackup(directory));
  }

  /** Starts a server on a copy of a snapshot's folder. */
  async startCopy(directory: string, server: DatabaseServer): Promise<void> {
    await this.track(async () => {
      await server.layOut(directory);
      await server.start();
    });
    const corrupt = this.fault('corrupt-restore');
    if (corrupt === undefined) return;
    this.options.onFault?.(corrupt.world);
    await server.changeOneCell(this.mainDatabase, corrupt.table);
  }

  /** The database of the CRM that faults of the world write to. */
  get mainDatabase(): string {
    return this.databases[0] ?? CRM_DATABASE;
  }

  /** Something writes to the source that its backup does not hold. */
  writeLate(table?: string, undone = false): void {
    const { server } = this.source;
    const before = this.written;
    this.written = this.track(async () => {
      await before;
      await server.writeLate(this.mainDatabase, table, undone);
      // Not when it was begun: who looks until then finds nothing, and is right.
      if (!undone) this.lateWrites.push(this.options.clock.now());
    });
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
    return this.source.server.signIn(this.mainDatabase, applicationName);
  }

  /** The status as RDS says it; every instance and cluster that is not the CRM's own. */
  resources(): { database: string; testInstances: string[] } {
    const { identifier } = this.options.deployment.config.database;
    const copies = [...this.instances.values()].filter((instance) => !this.isSource(instance));
    return {
      database: this.sourceDatabase.status,
      testInstances: [
        ...copies.map((instance) => instance.identifier),
        ...[...this.clusters.keys()].filter((cluster) => cluster !== identifier),
      ],
    };
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#work]);
    const servers = new Set(
      [...this.instances.values(), ...this.clusters.values()].map(({ server }) => server),
    );
    await Promise.all([...servers].map((server) => server.stop()));
    await rm(join(this.options.workDirectory, 'instances'), { recursive: true, force: true });
  }
}
