import { EC2Client, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { RDSClient, StartDBClusterCommand, StartDBInstanceCommand } from '@aws-sdk/client-rds';
import { z } from 'zod';
import { defined } from '../../functions/contract/defined.ts';
import { RunInput } from '../../functions/contract/input.ts';
import { StartupInput } from '../../functions/contract/startup-input.ts';
import type { Execution } from '../play/states/execution.ts';
import { OPERATOR_KEY } from './machinery.ts';
import { mend, redrive } from './redrive.ts';
import type { AnyOutcome } from './run-record.ts';
import { type RunRecord, recordRun, resourcesOf } from './run-record.ts';
import type { Sandbox } from './sandbox.ts';
import { type RunToStart, startRun, wayOf } from './start-run.ts';

/** What may happen once a run is over (`--after`), by the key that names it. */
export const AFTER_STEPS = {
  /** Time passes: the schedules fire, unless `schedules` is false, and RDS starts what was stopped for seven days. */
  days: z.strictObject({ days: z.number().positive().max(60), schedules: z.boolean().optional() }),
  hours: z.strictObject({
    hours: z
      .number()
      .positive()
      .max(24 * 60),
    schedules: z.boolean().optional(),
  }),
  /** An operator releases the system through the API, for this reason. */
  release: z.strictObject({ release: z.string().min(1).max(500) }),
  /** An operator holds the system through the API: no shutdown until then. */
  hold: z.strictObject({
    hold: z.strictObject({ until: z.iso.datetime({ offset: true }), reason: z.string().min(1).max(500) }),
  }),
  /** An operator asks through the API to switch off what the run has left on. */
  finish: z.strictObject({ finish: z.literal(true) }),
  /** The system is shut down again, with this input. */
  run: z.strictObject({ run: RunInput }),
  /** The system is brought back, with this input. Where a second person has to approve: asked for by `by`, default who asked for the shutdown. */
  startup: z.strictObject({ startup: StartupInput, by: z.literal('approver').optional() }),
  /** Somebody starts the database (`database`) or a server (its name) by hand. */
  start: z.strictObject({ start: z.string().min(1) }),
  /** Whatever `--faults` had broken is mended. */
  mend: z.strictObject({ mend: z.literal(true) }),
  /** An operator redrives the run: `run.json` then tells how it ended last. */
  redrive: z.strictObject({ redrive: z.literal(true) }),
};
export type AfterStep = z.infer<(typeof AFTER_STEPS)[keyof typeof AFTER_STEPS]>;

/** How everything stood after a step of `--after`. */
export interface Aftermath {
  step: AfterStep;
  /** ISO 8601, simulated. */
  at: string;
  database: string;
  servers: Record<string, string>;
  testInstances: string[];
  /** Kinds of the mails that were sent meanwhile. */
  mails: string[];
  /** Everything, as `run.json` tells it of the end of the run. */
  resources: RunRecord['resources'];
  /** What became of a run that the step started. */
  run?: Pick<Execution, 'arn' | 'status' | 'error' | 'cause'> & { outcome: AnyOutcome };
}

const HOUR = 3600_000;

/** Longest that what was set off may take, in milliseconds of simulated time. */
const LONGEST_QUIET = 6 * HOUR;

/** Waits until everything that was set off has ended: events on their way, executions that they started. */
export async function quiet({ clock, bus, executions }: Sandbox): Promise<void> {
  const until = clock.now() + LONGEST_QUIET;
  const isBusy = (): boolean =>
    bus.busy ||
    executions.expected > 0 ||
    [...executions.all.values()].some((execution) => execution.status === 'RUNNING');
  while (isBusy() && clock.now() < until) await clock.sleep(1_000);
}

/** Lets one thing happen, and everything that it sets off. */
export async function goOn(sandbox: Sandbox, step: AfterStep, out: string): Promise<Aftermath> {
  const mails = sandbox.mailbox.mails.length;
  let run: Execution | undefined;
  if ('days' in step) await pass(sandbox, step.days * 24 * HOUR, firing(step));
  else if ('hours' in step) await pass(sandbox, step.hours * HOUR, firing(step));
  else if ('run' in step) run = await runAgain(sandbox, { action: 'shutdown', input: step.run });
  else if ('startup' in step)
    run = await runAgain(sandbox, { action: 'startup', input: step.startup, by: step.by });
  else if ('release' in step) await askAsOperator(sandbox, 'release', { reason: step.release });
  else if ('hold' in step) await askAsOperator(sandbox, 'holds', step.hold);
  else if ('finish' in step) await askAsOperator(sandbox, 'finish', {});
  else if ('mend' in step) mend(sandbox);
  else if ('redrive' in step) await redrive(sandbox);
  else await start(sandbox, step.start);
  await quiet(sandbox);
  const resources = await resourcesOf(sandbox, out);
  const { database, servers, testInstances } = resources;
  return {
    step,
    at: new Date(sandbox.clock.now()).toISOString(),
    database,
    servers,
    testInstances,
    mails: sandbox.mailbox.mails.slice(mails).map((mail) => mail.kind),
    resources,
    ...(run === undefined
      ? {}
      : {
          run: {
            arn: run.arn,
            status: run.status,
            outcome: (await recordRun(sandbox, run, out, sandbox.executions.deployment.config.name)).outcome,
            ...defined({ error: run.error, cause: run.cause }),
          },
        }),
  };
}

const firing = ({ schedules = true }: { schedules?: boolean | undefined }): 'all' | 'none' =>
  schedules ? 'all' : 'none';

/** Simulated seconds in a real second while nothing happens for hours. */
export const IDLE_SPEED = 20_000;

/** The same where no schedule fires either: a weekend takes less than a second. */
const EMPTY_SPEED = 1_000_000;

/**
 * Lets time pass in which nobody does anything: the schedules fire, and RDS starts what was stopped for seven days.
 *
 * @param schedules which of them fire. `watching`: all but the planner's, where the rehearsal itself says when a run begins. Default `all`.
 */
export async function pass(
  { clock, bus, executions }: Sandbox,
  milliseconds: number,
  schedules: 'all' | 'watching' | 'none' = 'all',
): Promise<void> {
  const planner = executions.deployment.functions.find(({ step }) => step === 'planner')?.arn;
  const stop =
    schedules === 'none'
      ? () => undefined
      : bus.startSchedules(schedules === 'watching' ? planner : undefined);
  const slow = clock.hurry(schedules === 'none' ? EMPTY_SPEED : IDLE_SPEED);
  await clock.sleep(milliseconds);
  slow();
  stop();
}

/** Starts another run and waits for its end. */
export async function runAgain(sandbox: Sandbox, run: RunToStart): Promise<Execution> {
  const { executions } = sandbox;
  const { deployment } = executions;
  const name = `again-${executions.all.size}`;
  const machine = run.action === 'startup' ? deployment.startup : deployment.stateMachine;
  const execution =
    wayOf(sandbox, run) === 'api'
      ? await startRun(sandbox, name, run)
      : executions.start(name, JSON.stringify(run.input), machine);
  await execution.ended;
  return execution;
}

async function askAsOperator(
  sandbox: Sandbox,
  what: 'finish' | 'release' | 'holds',
  body: object,
): Promise<void> {
  const { config, account } = sandbox.executions.deployment;
  await sandbox.ask({
    route: `POST /systems/{name}/${what}`,
    parameters: { name: config.name },
    body,
    caller: `arn:${account.partition}:iam::${account.account}:user/operator`,
  });
}

async function start(sandbox: Sandbox, what: string): Promise<void> {
  const { config, account } = sandbox.executions.deployment;
  const options = {
    endpoint: sandbox.url,
    region: account.region,
    credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: 'sandbox' },
  };
  if (what === 'database') {
    const rds = new RDSClient(options);
    const { kind, identifier } = config.database;
    await (kind === 'cluster'
      ? rds.send(new StartDBClusterCommand({ DBClusterIdentifier: identifier }))
      : rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: identifier }))
    ).finally(() => rds.destroy());
  } else {
    const server = config.servers.find(({ name }) => name === what);
    if (server === undefined) throw new Error(`no server is called "${what}"`);
    const ec2 = new EC2Client(options);
    await ec2
      .send(new StartInstancesCommand({ InstanceIds: [server.instanceId] }))
      .finally(() => ec2.destroy());
  }
  // What was accepted is seen only after a while.
  await sandbox.clock.sleep(HOUR / 4);
}
