import { resolve } from 'node:path';
import { notAllowed } from '../../functions/contract/allowed-input.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { StartupInput } from '../../functions/contract/startup-input.ts';
import { BadInputError } from '../bad-input.ts';
import type { Deployment } from '../deployment.ts';
import { readDeployment } from '../template.ts';
import type { RowCounts } from '../world/database/crm.ts';
import { SeedSqlError } from '../world/database/sql-statements.ts';
import type { Fault } from '../world/faults.ts';
import { checkAfter } from './after-input.ts';
import type { AfterStep } from './aftermath.ts';
import { Interruption } from './interruption.ts';
import { cleanUpAfterTheDead } from './leftovers/work-folder.ts';
import { takeOutput } from './output.ts';
import { type Rehearsal, type RehearsalEvent, type RehearsedAction, runIn } from './run.ts';
import { startSandbox } from './sandbox.ts';
import { synthesise } from './synthesis.ts';

export interface RehearsalOptions {
  /** Folder for everything the rehearsal leaves. */
  out: string;
  /** Name of the system. Default: the only one, or the first of `systems.ts`. */
  system?: string | undefined;
  /** Absolute path of another module that exports `systems`. Default: what `LIGHTS_OUT_SYSTEMS` names, else `systems.ts`. */
  systems?: string | undefined;
  /** Default: a shutdown. */
  action?: RehearsedAction | undefined;
  input: RunInput | StartupInput;
  /** SQL file loaded in place of the generated CRM. */
  seedSql?: string | undefined;
  /** How many rows the generated CRM has. Default: 100,000 in all. */
  rows?: RowCounts | undefined;
  faults: Fault[];
  /** What happens once the run is over. Default: nothing. */
  after?: AfterStep[] | undefined;
  /** Simulated seconds in a real second while everything waits. */
  speed: number;
  onEvent?: ((event: RehearsalEvent) => void) | undefined;
}

/**
 * Rehearses a whole run on this machine: the synthesised state machine, the bundled functions, real database servers, real processes.
 *
 * @throws BadInputError when nothing was begun because an option, `systems.ts` or the SQL file is wrong.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const out = resolve(options.out);
  const tell = options.onEvent ?? (() => undefined);
  const cleaned = await cleanUpAfterTheDead();
  if (cleaned.folders.length + cleaned.problems.length > 0) tell({ kind: 'cleaned-up', ...cleaned });
  tell({ kind: 'preparing', what: 'synthesising the stack' });
  const deployment = await deploymentFor(options);
  const claim = await takeOutput(out);
  if (claim.wasKilled) tell({ kind: 'replaced', out });
  const interruption = new Interruption(claim, tell);
  try {
    tell({ kind: 'preparing', what: 'starting databases, servers and people' });
    const sandbox = await startSandbox({
      deployment,
      out,
      faults: options.faults,
      seedSql: options.seedSql,
      rows: options.rows,
      speed: options.speed,
      start: Date.now(),
    }).catch((error: unknown) => {
      if (error instanceof SeedSqlError) throw new BadInputError(`--seed-sql ${error.message}`);
      throw error;
    });
    interruption.sandbox = sandbox;
    try {
      return await runIn(sandbox, { ...options, out, system: deployment.config.name });
    } finally {
      await sandbox.stop();
    }
  } finally {
    await interruption.over();
    await claim.release();
  }
}

/**
 * Synthesises the system that is to be rehearsed.
 *
 * @throws BadInputError when there is no such system, or it does not allow the input or what is to happen after the run.
 */
export async function deploymentFor(
  options: Pick<RehearsalOptions, 'system' | 'systems' | 'action' | 'input' | 'seedSql' | 'after'>,
): Promise<Deployment> {
  const assembly = await synthesise(options.systems);
  const system = await systemOf(assembly, options.system);
  const deployment = await readDeployment(assembly, `LightsOut-${system}`, {
    allDatabases: options.seedSql !== undefined,
  });
  const problems =
    options.action === 'startup' ? [] : notAllowed(options.input as RunInput, deployment.config, '--input');
  if (problems.length > 0) throw new BadInputError(problems.join('; '));
  checkAfter(options.after ?? [], deployment.config);
  return deployment;
}

async function systemOf(assembly: string, wanted: string | undefined): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  const names = (await readdir(assembly)).flatMap(
    (file) => /^LightsOut-(.+)\.template\.json$/.exec(file)?.[1] ?? [],
  );
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new BadInputError(
      `--system ${wanted}: no such system in systems.ts; expected one of: ${names.join(', ')}`,
    );
  }
  return wanted ?? names[0] ?? '';
}
