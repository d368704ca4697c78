import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerCertificate } from './certificates.ts';
import { FEW_ROWS } from './crm.ts';
import type {
  DatabaseServer,
  DatabaseServerOptions,
  EngineFacts,
  FirstContents,
  SandboxEngine,
  Session,
} from './database-server.ts';
import { postgresEngine } from './postgres.ts';
import type { Greeting } from './token-front.ts';

export interface StandingOptions {
  certificate: ServerCertificate;
  /** Folder of the data directories. */
  workDirectory: string;
  /** Name of the CRM's database. */
  database: string;
  /** Name of the user that the functions connect as. */
  reader: string;
  /** Statements that are run after the CRM is loaded, e.g. for a row that would be recognised anywhere. */
  andThen: string;
}

/**
 * An engine whose servers outlive a run: one source, with a small CRM, and one server on a base backup of it, which stands for every
 * test instance. For many runs one after the other: nothing is initialised, copied or recovered in between. A run that changed a row
 * has both laid out anew.
 */
export class StandingDatabases implements SandboxEngine {
  readonly facts: EngineFacts;
  readonly greeting: Greeting;
  readonly source: DatabaseServer;
  readonly copy: DatabaseServer;
  readonly #options: StandingOptions;
  /** Something was changed in one of them. */
  tampered = false;
  #made = 0;

  private constructor(engine: SandboxEngine, options: StandingOptions) {
    this.facts = engine.facts;
    this.greeting = engine.greeting;
    this.#options = options;
    const server = {
      certificate: options.certificate,
      password: randomBytes(18).toString('base64url'),
      front: undefined,
    };
    this.source = engine.makeServer({ ...server, dataDirectory: this.#folder('source') });
    this.copy = engine.makeServer({ ...server, dataDirectory: this.#folder('copy') });
  }

  static async create(options: StandingOptions): Promise<StandingDatabases> {
    const standing = new StandingDatabases(await postgresEngine(options.workDirectory), options);
    try {
      await standing.#load();
    } catch (error) {
      await standing.stop();
      throw error;
    }
    return standing;
  }

  #folder(name: string): string {
    return join(this.#options.workDirectory, 'standing', name);
  }

  async #load(): Promise<void> {
    const { database, reader, andThen } = this.#options;
    await this.source.initialise();
    await this.source.start();
    const password = randomBytes(18).toString('base64url');
    await this.source.fill({
      reader: { user: reader, password },
      database,
      seedSql: undefined,
      rows: FEW_ROWS,
    });
    await this.#ask(this.source, andThen);
    await this.source.takeBackup(this.#folder('backup'));
    await this.copy.layOut(this.#folder('backup'));
    await this.copy.start();
  }

  async #ask(server: DatabaseServer, sql: string): Promise<void> {
    const session = await server.signIn(this.#options.database, 'sandbox');
    await session.query(sql).finally(() => session.end());
  }

  /** The first server of a world is its source, every other one a test instance. */
  makeServer({ front }: DatabaseServerOptions): DatabaseServer {
    if (front !== undefined) throw new Error('standing databases know no IAM authentication');
    this.#made += 1;
    return this.#made === 1 ? new StandingSource(this) : new StandingCopy(this);
  }

  /** The functions' user signs in with a new password in every run. */
  async welcome({ reader }: FirstContents): Promise<string[]> {
    for (const server of [this.source, this.copy])
      await this.#ask(server, `ALTER USER "${reader.user}" PASSWORD '${reader.password}'`);
    return [this.#options.database];
  }

  /** Ready for the next run: the source is up, both hold what they held at first. */
  async reset(): Promise<void> {
    this.#made = 0;
    if (this.tampered) {
      for (const server of [this.source, this.copy]) {
        await server.stop();
        await server.layOut(this.#folder('backup'));
      }
      this.tampered = false;
    }
    await Promise.all([this.source.start(), this.copy.start()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.source.stop(), this.copy.stop()]);
    await rm(join(this.#options.workDirectory, 'standing'), { recursive: true, force: true });
  }
}

/** The CRM's own database: it really stops and starts. */
class StandingSource implements DatabaseServer {
  readonly #standing: StandingDatabases;

  constructor(standing: StandingDatabases) {
    this.#standing = standing;
  }

  get endpointPort(): number {
    return this.#standing.source.endpointPort;
  }

  async initialise(): Promise<void> {}

  start(): Promise<void> {
    return this.#standing.source.start();
  }

  stop(): Promise<void> {
    return this.#standing.source.stop();
  }

  fill(contents: FirstContents): Promise<string[]> {
    return this.#standing.welcome(contents);
  }

  /** The copy stands already. */
  async takeBackup(): Promise<void> {}

  async layOut(): Promise<void> {}

  /** What is changed before a snapshot is in its copies too. */
  async changeOneCell(database: string, table: string | undefined): Promise<void> {
    this.#standing.tampered = true;
    await this.#standing.source.changeOneCell(database, table);
    await this.#standing.copy.changeOneCell(database, table);
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.#standing.source.signIn(database, applicationName);
  }
}

/** A test instance: RDS's deletion does not end the server behind it. */
class StandingCopy implements DatabaseServer {
  readonly #standing: StandingDatabases;

  constructor(standing: StandingDatabases) {
    this.#standing = standing;
  }

  get endpointPort(): number {
    return this.#standing.copy.endpointPort;
  }

  async initialise(): Promise<void> {}

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async fill(): Promise<string[]> {
    throw new Error('a copy is filled by what it was restored from');
  }

  async takeBackup(target: string): Promise<void> {
    await this.#standing.copy.takeBackup(target);
  }

  async layOut(): Promise<void> {}

  async changeOneCell(database: string, table: string | undefined): Promise<void> {
    this.#standing.tampered = true;
    await this.#standing.copy.changeOneCell(database, table);
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.#standing.copy.signIn(database, applicationName);
  }
}
