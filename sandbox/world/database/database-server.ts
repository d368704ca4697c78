import type { ServerCertificate } from './certificates.ts';
import type { RowCounts } from './crm.ts';
import type { Greeting, TokenFront } from './token-front.ts';

/** The database user of the functions, as docs/deploy.md says it is to be made. */
export interface Reader {
  user: string;
  /** Undefined for one that signs in by IAM. */
  password: string | undefined;
}

/** What a server begins with. */
export interface FirstContents {
  reader: Reader;
  /** Name of the CRM's database. */
  database: string;
  /** SQL file to load in place of the generated CRM. */
  seedSql: string | undefined;
  /** Rows of the generated CRM's tables. Default: 100,000 in all. */
  rows?: RowCounts | undefined;
}

/** A person who is signed in. */
export interface Session {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

/** One real server, whatever its engine, as the RDS of the sandbox uses it. */
export interface DatabaseServer {
  /** Where clients come in. Kept over a stop and a start, as an RDS endpoint is. */
  readonly endpointPort: number;
  /** Makes an empty data directory. */
  initialise(): Promise<void>;
  /** Starts the server and waits until it takes connections. @throws Error with the server's own words when it does not. */
  start(): Promise<void>;
  /** Stops the server: connections are cut, data is written. */
  stop(): Promise<void>;
  /** Makes the functions' user and the CRM. @returns the databases that there are then. @throws SeedSqlError */
  fill(contents: FirstContents): Promise<string[]>;
  /** Copies the data into a folder while the server goes on, as a snapshot of its storage holds it. */
  takeBackup(target: string): Promise<void>;
  /** Makes a backup this server's own data. */
  layOut(backup: string): Promise<void>;
  /** Changes one cell of one row: what a fault of the world does, and no product code can. @param table default: the largest. */
  changeOneCell(database: string, table: string | undefined): Promise<void>;
  /** The same once the backup is made, so that no copy has it. @param undone takes the change back, in another transaction. */
  writeLate(database: string, table: string | undefined, undone: boolean): Promise<void>;
  /** Changes one cell of a row that its primary key finds again: on this server alone, in no copy of it. @param table default: the largest with a primary key. */
  changeOneKeyedCell(database: string, table: string | undefined): Promise<void>;
  /** A connection as the CRM makes it for a person. */
  signIn(database: string, applicationName: string): Promise<Session>;
}

export interface DatabaseServerOptions {
  dataDirectory: string;
  certificate: ServerCertificate;
  /** Of the server's administrator. */
  password: string;
  /** For IAM database authentication: where those who bring a token have to come in. */
  front: TokenFront | undefined;
}

/** What the sandbox has to know of an engine. */
export interface SandboxEngine {
  /** As RDS describes an instance of it. */
  facts: EngineFacts;
  makeServer(options: DatabaseServerOptions): DatabaseServer;
  /** Speaks the engine's protocol to those who bring a token. */
  greeting: Greeting;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html */
export interface EngineFacts {
  engine: string;
  version: string;
  licenseModel: string;
  masterUser: string;
  /** Of the instance's parameter group: `postgres18`. */
  family: string;
  /** Of the engine's default option group: `postgres-18`. */
  optionFamily: string;
}
