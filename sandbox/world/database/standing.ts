import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemConfig } from '../../../functions/contract/config.ts';
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
import { sandboxEngine } from './engines.ts';
import type { Greeting, TokenFront } from './token-front.ts';

export interface StandingOptions {
  engine: SystemConfig['database']['engine'];
  certificate: ServerCertificate;
  /** Folder of the data directories. */
  workDirectory: string;
  /** Name of the CRM's database. */
  database: string;
  /** Name of the user that the functions connect as. */
  reader: string;
  /** That user signs in by IAM database authentication. Default: with a password. */
  byToken?: boolean;
  /** A statement that is run once the CRM is loaded, e.g. for a row that would be recognised anywhere. Default: none. */
  andThen?: string | undefined;
}

/** The functions know a server of MySQL again by its start, to 5 seconds (`engines/mysql/server-identity.ts`). */
const APART_MILLISECONDS = 6_000;

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
  #copyStarted = Number.NEGATIVE_INFINITY;

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
    const standing = new StandingDatabases(
      await sandboxEngine(options.engine, options.workDirectory),
      options,
    );
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
    const { database, reader, byToken, andThen } = this.#options;
    await this.source.initialise();
    await this.source.start();
    const password = byToken === true ? undefined : randomBytes(18).toString('base64url');
    await this.source.fill({
      reader: { user: reader, password },
      database,
      seedSql: undefined,
      rows: FEW_ROWS,
    });
    if (andThen !== undefined) await this.#ask(this.source, andThen);
    await this.source.takeBackup(this.#folder('backup'));
    await this.copy.layOut(this.#folder('backup'));
    await this.#startCopy();
  }

  async #startSource(): Promise<void> {
    await this.#passSince(this.#copyStarted);
    await this.source.start();
  }

  /** After the source. */
  async #startCopy(): Promise<void> {
    await this.#passSince(performance.now());
    await this.copy.start();
    this.#copyStarted = performance.now();
  }

  /** MySQL tells when a server was started to a few seconds only: two started closer than that would be taken for one and the same. */
  async #passSince(moment: number): Promise<void> {
    const rest = this.#options.engine === 'postgres' ? 0 : APART_MILLISECONDS - performance.now() + moment;
    if (rest > 0) await sleep(rest);
  }

  async #ask(server: DatabaseServer, sql: string): Promise<void> {
    const session = await server.signIn(this.#options.database, 'sandbox');
    await session.query(sql).finally(() => session.end());
  }

  /** The first server of a world is its source, every other one a test instance. */
  makeServer({ front }: DatabaseServerOptions): DatabaseServer {
    this.#made += 1;
    return this.#made === 1 ? new StandingSource(this, front) : new StandingCopy(this, front);
  }

  /** The functions' user signs in with a new password in every run. */
  async welcome({ reader }: FirstContents): Promise<string[]> {
    const { user, password } = reader;
    const statement =
      this.#options.engine === 'postgres'
        ? `ALTER USER "${user}" PASSWORD '${password}'`
        : `ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`;
    if (password !== undefined)
      for (const server of [this.source, this.copy]) await this.#ask(server, statement);
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
      await this.source.start();
      await this.#startCopy();
    }
    await this.#startSource();
  }

  async stop(): Promise<void> {
    await Promise.all([this.source.stop(), this.copy.stop()]);
    await rm(join(this.#options.workDirectory, 'standing'), { recursive: true, force: true });
  }
}

/** The CRM's own database: it really stops and starts. */
class StandingSource implements DatabaseServer {
  readonly #standing: StandingDatabases;
  readonly #front: TokenFront | undefined;

  constructor(standing: StandingDatabases, front: TokenFront | undefined) {
    this.#standing = standing;
    this.#front = front;
  }

  get endpointPort(): number {
    return this.#front?.port ?? this.#standing.source.endpointPort;
  }

  async initialise(): Promise<void> {}

  async start(): Promise<void> {
    await this.#standing.source.start();
    await this.#front?.open(this.#standing.source.endpointPort);
  }

  async stop(): Promise<void> {
    await this.#front?.close();
    await this.#standing.source.stop();
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

  /** The copy keeps what the backup held. */
  async writeLate(database: string, table: string | undefined, undone: boolean): Promise<void> {
    this.#standing.tampered = true;
    await this.#standing.source.writeLate(database, table, undone);
  }

  async changeOneKeyedCell(database: string, table: string | undefined): Promise<void> {
    this.#standing.tampered = true;
    await this.#standing.source.changeOneKeyedCell(database, table);
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.#standing.source.signIn(database, applicationName);
  }
}

/** A test instance: RDS's deletion does not end the server behind it. */
class StandingCopy implements DatabaseServer {
  readonly #standing: StandingDatabases;
  readonly #front: TokenFront | undefined;

  constructor(standing: StandingDatabases, front: TokenFront | undefined) {
    this.#standing = standing;
    this.#front = front;
  }

  get endpointPort(): number {
    return this.#front?.port ?? this.#standing.copy.endpointPort;
  }

  async initialise(): Promise<void> {}

  async start(): Promise<void> {
    await this.#front?.open(this.#standing.copy.endpointPort);
  }

  async stop(): Promise<void> {
    await this.#front?.close();
  }

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

  async writeLate(): Promise<void> {
    throw new Error('only the source is written to after its backup');
  }

  async changeOneKeyedCell(): Promise<void> {
    throw new Error('only the source is stopped and started again');
  }

  signIn(database: string, applicationName: string): Promise<Session> {
    return this.#standing.copy.signIn(database, applicationName);
  }
}
