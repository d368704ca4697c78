import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RunInput } from '../../functions/contract/input.ts';
import type { Deployment } from '../deployment.ts';
import { makeWorkFolder } from '../rehearsal/leftovers/work-folder.ts';
import { Machinery } from '../rehearsal/machinery.ts';
import { prepareOutput } from '../rehearsal/output.ts';
import { type Rehearsal, type RunOptions, runIn } from '../rehearsal/run.ts';
import { type Sandbox, startSandbox } from '../rehearsal/sandbox.ts';
import { synthesise } from '../rehearsal/synthesis.ts';
import { readDeployment } from '../template.ts';
import { StandingDatabases } from '../world/database/standing.ts';
import { READER } from '../world/database/world.ts';
import type { Fault } from '../world/faults.ts';

/** A fixed evening, so that a run is the same whenever the sweep is made. */
const START = Date.parse('2026-11-27T13:00:00Z');

/** Module of the systems that can be swept. */
const SYSTEMS = fileURLToPath(new URL('./systems.ts', import.meta.url));

/** What stands over all runs of one process: functions, endpoint, interpreter, databases. Each run gets its own world on it. */
export class SweepWorld {
  readonly deployment: Deployment;
  /** A value of a row: must be found nowhere outside the database. */
  readonly canary: string;
  readonly #machinery: Machinery;
  readonly #databases: StandingDatabases;
  readonly #folder: string;

  private constructor(machinery: Machinery, databases: StandingDatabases, folder: string, canary: string) {
    this.canary = canary;
    this.deployment = machinery.deployment;
    this.#machinery = machinery;
    this.#databases = databases;
    this.#folder = folder;
  }

  static async start(system: string): Promise<SweepWorld> {
    const deployment = await readDeployment(await synthesise(SYSTEMS), `LightsOut-${system}`);
    const machinery = await Machinery.start({ deployment, speed: Number.POSITIVE_INFINITY, start: START });
    machinery.warm();
    const folder = await makeWorkFolder();
    const canary = `canary-${randomBytes(9).toString('hex')}`;
    const { databases, engine, iamUser } = deployment.config.database;
    const standing = await StandingDatabases.create({
      engine,
      certificate: machinery.certificate,
      workDirectory: folder,
      database: databases?.[0] ?? 'crm',
      reader: iamUser ?? READER,
      byToken: iamUser !== undefined,
      andThen: `UPDATE accounts SET name = '${canary}' WHERE id = 1`,
    });
    return new SweepWorld(machinery, standing, folder, canary);
  }

  /** One run from a clean world, and a look at it while that world still stands. */
  async run<Seen>(
    options: {
      out: string;
      faults: Fault[];
      input: RunInput;
      after?: RunOptions['after'];
      watchConnections?: boolean;
    },
    look: (rehearsal: Rehearsal, sandbox: Sandbox) => Promise<Seen>,
  ): Promise<Seen> {
    const { out, faults, input, after, watchConnections } = options;
    await prepareOutput(out);
    await this.#databases.reset();
    const sandbox = await startSandbox({
      deployment: this.deployment,
      out,
      faults,
      watchConnections,
      speed: Number.POSITIVE_INFINITY,
      start: START,
      standing: { machinery: this.#machinery, databases: this.#databases },
    });
    try {
      const rehearsal = await runIn(sandbox, {
        out,
        system: this.deployment.config.name,
        input,
        after,
      });
      return await look(rehearsal, sandbox);
    } finally {
      await sandbox.stop();
    }
  }

  async stop(): Promise<void> {
    await this.#machinery.stop();
    await this.#databases.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
