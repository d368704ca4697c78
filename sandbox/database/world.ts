import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { SimulatedClock } from '../clock.ts';
import type { Deployment } from '../deployment.ts';
import type { RdsEventKind } from '../events/rds.ts';
import type { WorldFault } from '../faults.ts';
import { layOut, takeBackup } from './backup.ts';
import { programs } from './binaries.ts';
import { makeCertificates, type ServerCertificate } from './certificates.ts';
import { loadCrm } from './crm.ts';
import { type Instance, resourceIdOf, type Snapshot } from './instance.ts';
import { PostgresServer } from './server.ts';
import { loadSqlFile } from './sql-file.ts';
import { changeOneCell } from './tamper.ts';

export interface DatabaseWorldOptions {
  deployment: Deployment;
  clock: SimulatedClock;
  faults: WorldFault[];
  /** SQL file to load in place of the generated CRM. */
  seedSql?: string | undefined;
  /** Where data directories go; removed at the end by the caller. */
  workDirectory: string;
}

/** Name of the user whose credentials the secret holds. */
const READER = 'lights_out';

/** The RDS of the sandbox: real PostgreSQL servers, one an instance, and base backups as snapshots. */
export class DatabaseWorld {
  readonly options: DatabaseWorldOptions;
  readonly instances = new Map<string, Instance>();
  readonly snapshots = new Map<string, Snapshot>();
  /** PEM of the authority that signs the servers' certificates. */
  readonly caCertificate: string;
  /** JSON for Secrets Manager. */
  readonly secretValue: string;
  /** Databases of the source that hold the CRM. */
  databases: string[] = [];
  /** Called with what RDS tells of an instance: `stopped`, `started`, `forced-start`. */
  onEvent: (kind: RdsEventKind, instance: Instance) => void = () => undefined;
  #certificate: ServerCertificate;
  #programs: string;
  #superuserPassword: string;
  /** Copies under way: awaited before everything is removed. */
  #work = new Set<Promise<void>>();

  private constructor(options: DatabaseWorldOptions, certificate: ServerCertificate, programFolder: string) {
    this.options = options;
    this.#certificate = certificate;
    this.#programs = programFolder;
    this.#superuserPassword = randomBytes(18).toString('base64url');
    this.caCertificate = certificate.ca;
    this.secretValue = JSON.stringify({ username: READER, password: randomBytes(18).toString('base64url') });
  }

  /** Starts the source with its data. @throws SeedSqlError when the SQL file cannot be loaded. */
  static async create(options: DatabaseWorldOptions): Promise<DatabaseWorld> {
    const certificate = await makeCertificates(options.clock.now());
    const world = new DatabaseWorld(options, certificate, await programs(options.workDirectory));
    try {
      await world.startSource();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  private async startSource(): Promise<void> {
    const { identifier, databases } = this.options.deployment.config.database;
    const source = this.addInstance(identifier, { status: 'available', hasEndpoint: true });
    await source.server.initialise();
    await source.server.start();
    const admin = await source.server.connect('postgres');
    const { password } = JSON.parse(this.secretValue) as { password: string };
    const crm = this.options.seedSql === undefined ? (databases?.[0] ?? 'crm') : 'crm';
    try {
      await admin.query(`CREATE ROLE ${READER} LOGIN PASSWORD '${password}'`);
      await admin.query(`GRANT pg_read_all_data, pg_read_all_stats TO ${READER}`);
      await admin.query('CREATE ROLE crm_owner LOGIN');
      await admin.query(`CREATE DATABASE "${crm.replaceAll('"', '""')}"`);
      await this.load(source, crm);
      const found = await admin.query<{ name: string }>(
        `SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
      );
      this.databases = found.rows.map((row) => row.name);
    } finally {
      await admin.end();
    }
    if (this.options.faults.some((fault) => fault.world === 'database-unreachable'))
      await source.server.stop();
  }

  private async load(source: Instance, database: string): Promise<void> {
    if (this.options.seedSql === undefined) {
      const client = await source.server.connect(database);
      await loadCrm(client).finally(() => client.end());
      return;
    }
    const { databases } = await loadSqlFile(this.options.seedSql, database, (name) =>
      source.server.connect(name),
    );
    // The file brought a database of its own: the empty one that was made for it would only confuse.
    if (!databases.includes(database)) {
      const admin = await source.server.connect('postgres');
      await admin.query(`DROP DATABASE "${database.replaceAll('"', '""')}"`).finally(() => admin.end());
    }
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

  addInstance(identifier: string, properties: Partial<Instance> = {}): Instance {
    const now = this.options.clock.now();
    const instance: Instance = {
      identifier,
      arn: this.arn('db', identifier),
      resourceId: resourceIdOf(identifier, now),
      status: 'creating',
      server: new PostgresServer({
        programs: this.#programs,
        dataDirectory: join(this.options.workDirectory, 'instances', `${identifier}-${this.instances.size}`),
        certificate: this.#certificate,
        password: this.#superuserPassword,
      }),
      tags: [],
      instanceClass: 'db.m7g.large',
      subnetGroup: 'crm-subnets',
      parameterGroup: 'crm-postgres18',
      optionGroup: 'default:postgres-18',
      securityGroups: ['sg-0123456789abcdef0'],
      publiclyAccessible: false,
      deletionProtection: true,
      multiAz: false,
      createdAt: new Date(now),
      hasEndpoint: false,
      ...properties,
    };
    this.instances.set(identifier, instance);
    return instance;
  }

  /** Copies the source's files into the snapshot; real work, so simulated time slows to real speed meanwhile. */
  async copySource(snapshot: Snapshot): Promise<void> {
    if (this.hasFault('stray-write')) await this.tamper(this.source, undefined);
    await this.track(async () => takeBackup(this.source.server, snapshot.directory));
  }

  /** Starts a server on a copy of the snapshot. */
  async startCopy(snapshot: Snapshot, instance: Instance): Promise<void> {
    await this.track(async () => {
      await layOut(snapshot.directory, instance.server.options.dataDirectory);
      await instance.server.start();
    });
    const corrupt = this.options.faults.find((fault) => fault.world === 'corrupt-restore');
    if (corrupt !== undefined) await this.tamper(instance, 'table' in corrupt ? corrupt.table : undefined);
  }

  private async tamper(instance: Instance, table: string | undefined): Promise<void> {
    const client: pg.Client = await instance.server.connect(this.databases[0] ?? 'postgres');
    await changeOneCell(client, table).finally(() => client.end());
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

  /** For the users and services of the sandbox: a connection as the database's owner. */
  async connectAsOwner(applicationName: string): Promise<pg.Client> {
    return this.source.server.connect(this.databases[0] ?? 'postgres', applicationName);
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
