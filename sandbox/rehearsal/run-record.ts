import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlreadyOff } from '../../functions/contract/already-off.ts';
import { defined } from '../../functions/contract/defined.ts';
import { kindOfExecution, type RunKind } from '../../functions/contract/run-kinds.ts';
import type { StartupOutcome } from '../../functions/contract/startup-state.ts';
import type { Outcome } from '../../functions/contract/state.ts';
import { stepsFromHistory, type TimelineStep } from '../../functions/contract/timeline.ts';
import type { Execution } from '../play/states/execution.ts';
import type { Sandbox } from './sandbox.ts';

/** The outcome of a run of any kind. */
export type AnyOutcome = Outcome | StartupOutcome;

/** `run.json` of the rehearsal contract. Times are simulated, ISO 8601. */
export interface RunRecord {
  action: RunKind;
  outcome: AnyOutcome;
  error?: { name: string; message: string };
  startedAt: string;
  endedAt: string;
  /** The time at which users were told to be out. */
  announcedAt?: string;
  /** When maintenance mode went on. */
  outAt?: string;
  /** The return time that users were told. */
  promise?: string;
  /** When the doors opened. */
  backAt?: string;
  steps: (TimelineStep & { endedAt: string })[];
  resources: {
    database: string;
    servers: Record<string, string>;
    services: Record<string, string>;
    testInstances: string[];
    /** Volumes that the run restored and did not delete. */
    testVolumes: string[];
    locks: string[];
    maintenance: boolean;
  };
  snapshot?: { identifier: string; arn: string; verified: boolean };
  /** Of a run that found everything off: what proves it. */
  alreadyOff?: AlreadyOff;
  verification?: {
    equal: boolean;
    tables: number;
    rows: number;
    differences: { object: string; kind: string; detail: string }[];
  };
  /** Of a start-up: whether what came back is what was put away. */
  confirmation?: { equal: boolean; tables: number; rows: number; accepted?: { reason: string; by: string } };
  /** The CRM's files: the snapshots of the servers' volumes, when they were seen completed. */
  files?: {
    backup: string;
    snapshots: { server: string; volumeId: string; snapshotId: string; sizeGib: number }[];
    notCovered: { object: string; reason: string }[];
    /** Of a system that restores volumes to compare their files. */
    verification?: {
      equal: boolean;
      contents: boolean;
      compared: { server: string; volumeId: string; files: number; equal: boolean }[];
      differences: { server: string; volumeId: string; detail: string }[];
      notCompared: { object: string; reason: string }[];
    };
  };
  /** Beyond the contract: the run's id, the execution, mails sent, faults whose call never came. */
  runId: string;
  executionArn: string;
  /** When it was closed, and what its certificate says had ended it. */
  closedAt?: string;
  failure?: string;
  /** Up to when the source is known to hold what was verified. */
  lastLookAt?: string;
  mails: number;
  /** Messages that webhooks took. */
  webhookMessages: number;
  /** What each alarm that rang said. */
  alarms: string[];
  unusedFaults: unknown[];
}

interface StoredCertificate {
  run: { id: string; backAt?: string; onlyProve?: true };
  outcome: AnyOutcome;
  announcedAt?: string;
  outAt?: string;
  openedAt?: string;
  confirmation?: NonNullable<RunRecord['confirmation']>;
  shutdown?: { run: string; outAt?: string };
  closedAt: string;
  failure?: { Error: string };
  alreadyOff?: AlreadyOff;
  snapshot?: { identifier: string; arn: string };
  files?: NonNullable<RunRecord['files']>;
  verification?: {
    equal?: boolean;
    tables: number;
    rows: number;
    differences: { object: string; kind: string; detail: string }[];
  };
}

/** Collects what a run did, from the outside: the world's own state, the execution, the evidence. */
export async function recordRun(
  sandbox: Sandbox,
  execution: Execution,
  out: string,
  system: string,
): Promise<RunRecord> {
  const endedAt = new Date(execution.endedAt ?? sandbox.clock.now()).toISOString();
  const folder = await runFolder(out, system, execution.arn);
  const certificate = await readStored<StoredCertificate>(folder, 'certificate.json');
  const error =
    execution.error === undefined
      ? undefined
      : { name: execution.error, message: sentence(execution.cause ?? '') };
  const { verification, files } = certificate ?? {};
  const look = await readStored<{ at?: string; outdated?: boolean }>(folder, 'last-look.json');
  const action = kindOfExecution(execution.arn);
  return {
    action,
    // Without a certificate nobody knows how far the run got: that is a failure, whatever the execution says.
    outcome: certificate?.outcome ?? 'failed',
    ...defined({ error }),
    startedAt: new Date(execution.startedAt).toISOString(),
    endedAt,
    ...defined({
      // A run that only proves a backup tells no user.
      announcedAt: certificate?.run.onlyProve === true ? undefined : certificate?.announcedAt,
      outAt: certificate?.outAt ?? certificate?.shutdown?.outAt,
      promise: certificate?.run.backAt,
      backAt: certificate?.openedAt,
    }),
    steps: stepsFromHistory(execution.history.events).map((step) => ({
      ...step,
      endedAt: step.endedAt ?? endedAt,
      outcome: step.outcome === 'running' ? 'failed' : step.outcome,
    })),
    resources: await resourcesOf(sandbox, out),
    ...(certificate?.confirmation === undefined ? {} : { confirmation: confirmed(certificate.confirmation) }),
    ...snapshotOf(
      sandbox,
      certificate,
      (await readStored<{ equal?: boolean }>(folder, 'verification.json'))?.equal === true &&
        look?.outdated !== true,
    ),
    ...(verification?.equal === undefined
      ? {}
      : {
          verification: {
            equal: verification.equal,
            tables: verification.tables,
            rows: verification.rows,
            differences: verification.differences,
          },
        }),
    ...(certificate?.alreadyOff === undefined ? {} : { alreadyOff: certificate.alreadyOff }),
    ...(files === undefined ? {} : { files: filesOf(files) }),
    runId: certificate?.run.id ?? '',
    executionArn: execution.arn,
    ...(certificate === undefined ? {} : { closedAt: certificate.closedAt }),
    ...(certificate?.failure === undefined ? {} : { failure: certificate.failure.Error }),
    ...(look?.at === undefined ? {} : { lastLookAt: look.at }),
    mails: sandbox.mailbox.mails.length,
    webhookMessages: sandbox.rooms.messages.length,
    alarms: sandbox.alarms.rang,
    unusedFaults: [...sandbox.injector.unused()],
  };
}

function confirmed({
  equal,
  tables,
  rows,
  accepted,
}: NonNullable<RunRecord['confirmation']>): NonNullable<RunRecord['confirmation']> {
  return { equal, tables, rows, ...defined({ accepted }) };
}

/** How everything stands now. */
export async function resourcesOf(
  { databases, servers }: Sandbox,
  out: string,
): Promise<RunRecord['resources']> {
  return {
    ...databases.resources(),
    ...servers.resources(),
    locks: await filesBelow(join(out, 'evidence', 'locks')),
    maintenance: servers.maintenance(),
  };
}

function filesOf({
  backup,
  snapshots,
  notCovered,
  verification,
}: NonNullable<StoredCertificate['files']>): NonNullable<RunRecord['files']> {
  return {
    backup,
    snapshots: snapshots.map(({ server, volumeId, snapshotId, sizeGib }) => ({
      server,
      volumeId,
      snapshotId,
      sizeGib,
    })),
    notCovered,
    ...defined({ verification }),
  };
}

/** Whether it was verified, the comparison in the evidence tells: the certificate may not have been able to read it, or to be stored. */
function snapshotOf(
  sandbox: Sandbox,
  certificate: StoredCertificate | undefined,
  verified: boolean,
): Pick<RunRecord, 'snapshot'> {
  const { snapshots, clusterSnapshots } = sandbox.databases;
  const [made] = [...snapshots.values(), ...clusterSnapshots.values()];
  const told = certificate === undefined ? made : certificate.snapshot;
  if (told === undefined) return {};
  const { identifier, arn } = told;
  return {
    snapshot: {
      identifier,
      arn,
      verified,
    },
  };
}

/** A Lambda's cause is JSON; people want its message. */
function sentence(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    return typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed
      ? String(parsed.errorMessage)
      : cause;
  } catch (error) {
    if (error instanceof SyntaxError) return cause;
    throw error;
  }
}

/** Folder of a run's evidence: its name ends with 8 hexadecimal digits of the execution's ARN. */
export async function runFolder(
  out: string,
  system: string,
  executionArn: string,
): Promise<string | undefined> {
  const folder = join(out, 'evidence', 'runs', system);
  if (!existsSync(folder)) return undefined;
  const digits = createHash('sha256').update(executionArn).digest('hex').slice(0, 8);
  const run = (await readdir(folder)).find((name) => name.endsWith(digits));
  return run === undefined ? undefined : join(folder, run);
}

async function readStored<Value>(folder: string | undefined, name: string): Promise<Value | undefined> {
  const file = folder === undefined ? undefined : join(folder, name);
  if (file === undefined || !existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as Value;
}

async function filesBelow(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
