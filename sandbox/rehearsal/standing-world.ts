import { rm } from 'node:fs/promises';
import type { RunInput } from '../../functions/contract/input.ts';
import type { StartupInput } from '../../functions/contract/startup-input.ts';
import type { Deployment } from '../deployment.ts';
import type { RowCounts } from '../world/database/crm.ts';
import { StandingDatabases } from '../world/database/standing.ts';
import { READER } from '../world/database/world.ts';
import type { Fault } from '../world/faults.ts';
import { makeWorkFolder } from './leftovers/work-folder.ts';
import { Machinery } from './machinery.ts';
import { prepareOutput } from './output.ts';
import { type Rehearsal, type RehearsedAction, type RunOptions, runIn } from './run.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

export interface StandingRun {
  /** The run's output folder. */
  out: string;
  faults: Fault[];
  /** Default: a shutdown. */
  action?: RehearsedAction | undefined;
  input: RunInput | StartupInput;
  away?: RunOptions['away'];
  after?: RunOptions['after'];
  watchConnections?: boolean | undefined;
  /** Databases are made anew, with so many rows, and scripts run on the servers. Default: one source and one copy, with few rows, stand for all databases. */
  real?: { rows: RowCounts } | undefined;
}

/** What stands over many runs of one deployment: functions, endpoint, interpreter, databases. Each run gets a world of its own on it. */
export class StandingWorld {
  readonly deployment: Deployment;
  readonly #machinery: Machinery;
  readonly #folder: string;
  readonly #andThen: string | undefined;
  #databases: StandingDatabases | undefined;

  private constructor(machinery: Machinery, folder: string, andThen: string | undefined) {
    this.deployment = machinery.deployment;
    this.#machinery = machinery;
    this.#folder = folder;
    this.#andThen = andThen;
  }

  /**
   * @param options.start - simulated time of the first run, in milliseconds since the epoch.
   * @param options.andThen - a statement that is run once the CRM is loaded. Default: none.
   */
  static async start(
    deployment: Deployment,
    { start, andThen }: { start: number; andThen?: string },
  ): Promise<StandingWorld> {
    const machinery = await Machinery.start({ deployment, speed: Number.POSITIVE_INFINITY, start });
    machinery.warm();
    return new StandingWorld(machinery, await makeWorkFolder(), andThen);
  }

  /** One run from a clean world, and a look at it while that world still stands. */
  async run<Seen>(
    { out, faults, action, input, away, after, watchConnections, real }: StandingRun,
    look: (rehearsal: Rehearsal, sandbox: Sandbox) => Promise<Seen> | Seen,
  ): Promise<Seen> {
    await prepareOutput(out);
    const databases = real !== undefined ? undefined : await this.#cleanDatabases();
    const { clock } = this.#machinery;
    const sandbox = await startSandbox({
      deployment: this.deployment,
      out,
      faults,
      watchConnections,
      rows: real?.rows,
      speed: clock.speed,
      start: clock.now(),
      standing: { machinery: this.#machinery, databases },
    });
    try {
      const rehearsal = await runIn(sandbox, {
        out,
        system: this.deployment.config.name,
        action,
        input,
        away,
        after,
      });
      return await look(rehearsal, sandbox);
    } finally {
      await sandbox.stop();
    }
  }

  async #cleanDatabases(): Promise<StandingDatabases> {
    const { databases, engine, iamUser } = this.deployment.config.database;
    this.#databases ??= await StandingDatabases.create({
      engine,
      certificate: this.#machinery.certificate,
      workDirectory: this.#folder,
      database: databases?.[0] ?? 'crm',
      reader: iamUser ?? READER,
      byToken: iamUser !== undefined,
      andThen: this.#andThen,
    });
    await this.#databases.reset();
    return this.#databases;
  }

  async stop(): Promise<void> {
    await this.#machinery.stop();
    await this.#databases?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
