import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ErrorName } from '../functions/shared/contract/errors.ts';
import type { RunInput } from '../functions/shared/contract/input.ts';
import { stepsFromHistory, type TimelineStep } from '../functions/shared/timeline.ts';
import { BadInputError } from './bad-input.ts';
import { SeedSqlError } from './database/sql-statements.ts';
import type { Fault } from './faults.ts';
import { brokenInvariants } from './rehearsal/invariants.ts';
import { copyReport, prepareOutput } from './rehearsal/output.ts';
import { type RunRecord, recordRun } from './rehearsal/run-record.ts';
import { OPERATOR_KEY, type Sandbox, startSandbox } from './rehearsal/sandbox.ts';
import { synthesise } from './synthesis.ts';
import { readDeployment } from './template.ts';

export interface RehearsalOptions {
  /** Folder for everything the rehearsal leaves. */
  out: string;
  /** Name of the system. Default: the only one, or the first of `systems.ts`. */
  system?: string | undefined;
  /** Absolute path of another module that exports `systems`. Default: what `LIGHTS_OUT_SYSTEMS` names, else `systems.ts`. */
  systems?: string | undefined;
  input: RunInput;
  /** SQL file loaded in place of the generated CRM. */
  seedSql?: string | undefined;
  faults: Fault[];
  /** Simulated seconds in a real second while everything waits. */
  speed: number;
  onEvent?: ((event: RehearsalEvent) => void) | undefined;
}

export type RehearsalEvent =
  | { kind: 'preparing'; what: string }
  | { kind: 'started'; at: number }
  /** Something changed; `details` is what the last poll of each state answered. */
  | { kind: 'progress'; now: number; steps: TimelineStep[]; details: Record<string, unknown> };

export interface Rehearsal {
  record: RunRecord;
  /** Invariants that do not hold: exit code 3. */
  broken: string[];
  report?: string;
  exitCode: 0 | 1 | 2 | 3;
}

/** Errors of a run that say that what it was given is wrong. */
const BAD_INPUT: string[] = [ErrorName.InvalidInput, ErrorName.InvalidConfiguration, ErrorName.PlanRejected];

/**
 * Rehearses a whole run on this machine: the synthesised state machine, the bundled functions, real PostgreSQL, real processes.
 *
 * @throws BadInputError when nothing was begun because an option, `systems.ts` or the SQL file is wrong.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const out = resolve(options.out);
  const tell = options.onEvent ?? (() => undefined);
  tell({ kind: 'preparing', what: 'synthesising the stack' });
  const assembly = await synthesise(options.systems);
  const system = await systemOf(assembly, options.system);
  const deployment = await readDeployment(assembly, `LightsOut-${system}`, {
    allDatabases: options.seedSql !== undefined,
  });
  await prepareOutput(out);
  tell({ kind: 'preparing', what: 'starting databases, servers and people' });
  const sandbox = await startSandbox({
    deployment,
    out,
    faults: options.faults,
    seedSql: options.seedSql,
    speed: options.speed,
    start: Date.now(),
  }).catch((error: unknown) => {
    if (error instanceof SeedSqlError) throw new BadInputError(`--seed-sql ${error.message}`);
    throw error;
  });
  const stopOnSignal = (signal: NodeJS.Signals): void => {
    void sandbox.stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.once('SIGINT', stopOnSignal).once('SIGTERM', stopOnSignal);
  try {
    return await runIn(sandbox, out, system, options);
  } finally {
    process.off('SIGINT', stopOnSignal).off('SIGTERM', stopOnSignal);
    await sandbox.stop();
  }
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

async function runIn(
  sandbox: Sandbox,
  out: string,
  system: string,
  options: RehearsalOptions,
): Promise<Rehearsal> {
  const { clock, executions } = sandbox;
  const details: Record<string, unknown> = {};
  const progress = (): void => {
    const [execution] = executions.all.values();
    if (execution === undefined) return;
    options.onEvent?.({
      kind: 'progress',
      now: clock.now(),
      steps: stepsFromHistory(execution.history.events),
      details,
    });
  };
  executions.onEvent = progress;
  executions.onResult = (state, result) => {
    details[state] = result;
    progress();
  };
  options.onEvent?.({ kind: 'started', at: clock.now() });
  const operator = new SFNClient({
    endpoint: sandbox.url,
    region: executions.deployment.account.region,
    credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: 'sandbox' },
  });
  const started = await operator.send(
    new StartExecutionCommand({
      stateMachineArn: executions.deployment.stateMachine.arn,
      name: `rehearsal-${new Date(clock.now()).toISOString().slice(0, 10)}`,
      input: JSON.stringify(options.input),
    }),
  );
  operator.destroy();
  sandbox.begin();
  const execution = executions.all.get(started.executionArn ?? '');
  if (execution === undefined) throw new Error('the execution did not start');
  await execution.ended;

  const record = await recordRun(sandbox, execution, out, system);
  await writeFile(join(out, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  const report = await copyReport(out, system, sandbox.mailbox.mails);
  const verification = options.input.verification ?? executions.deployment.config.verification;
  const broken = [
    ...(await brokenInvariants(record, sandbox, out, verification)),
    ...sandbox.defects.map((defect) => `sandbox: ${defect.message}`),
  ];
  return {
    record,
    broken,
    ...(report === undefined ? {} : { report }),
    exitCode: exitCodeOf(record, broken),
  };
}

function exitCodeOf(record: RunRecord, broken: string[]): Rehearsal['exitCode'] {
  if (broken.length > 0) return 3;
  if (record.error !== undefined && BAD_INPUT.includes(record.error.name)) return 2;
  return record.outcome === 'succeeded' || record.outcome === 'planned' ? 0 : 1;
}
