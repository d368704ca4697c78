import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from './run-record.ts';
import type { Sandbox } from './sandbox.ts';

/** Statuses in which people work with a database: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const USABLE: readonly string[] = ['available', 'backing-up', 'storage-optimization'];

/** The five invariants of docs/design.md, looked at from the outside. @returns a sentence for each that does not hold. */
export async function brokenInvariants(
  record: RunRecord,
  sandbox: Sandbox,
  out: string,
  verification: 'full' | 'none',
): Promise<string[]> {
  const broken: string[] = [];
  const { resources, outcome } = record;
  // Any other status came of something else than a stop.
  const databaseOff = ['stopping', 'stopped'].includes(resources.database);
  if (databaseOff && verification === 'full' && record.snapshot?.verified !== true) {
    broken.push(`1: the database is "${resources.database}", but the run has no verified snapshot`);
  }
  broken.push(...lateWritesBroken(record, sandbox, verification));
  broken.push(...touchedByProof(record, sandbox));
  broken.push(...filesBroken(record, sandbox));
  const left = [
    ...resources.testInstances.map((name) => `test instance ${name}`),
    ...resources.testVolumes.map((id) => `test volume ${id}`),
    ...resources.locks.map((name) => `lock ${name}`),
    ...(resources.maintenance && !allOff(record) && outcome !== 'partly-off' ? ['maintenance mode'] : []),
  ];
  if (left.length > 0) broken.push(`2: left behind: ${left.join(', ')}`);
  const told = [...sandbox.mailbox.mails, ...sandbox.rooms.messages].some(
    ({ kind }) => kind === 'partly-off',
  );
  if (!allOff(record) && !allOn(record) && !told) {
    broken.push('3: the system is neither fully off nor fully on, and no notice says so');
  }
  if (outcome === 'succeeded' && !allOff(record))
    broken.push('3: the run says succeeded, but not everything is off');
  if (sandbox.calls.calls.some((call) => /^DeleteDB(Cluster)?Snapshot$/.test(call.operation)))
    broken.push('4: a snapshot was deleted');
  for (const secret of sandbox.databases.secrets) {
    for (const file of await filesWith(out, secret))
      broken.push(`5: what signs in to the database stands in ${file}`);
  }
  for (const secret of sandbox.rooms.secrets) {
    for (const file of await filesWith(out, secret))
      broken.push(`5: the address or the key of a webhook stands in ${file}`);
  }
  return broken;
}

/** Calls that switch something, or reach into a server. */
const SWITCHES = /^(Stop|Start|Reboot|Terminate|Modify)|^SendCommand$/;

/** A run that only proves a backup switches nothing, commands no server and tells no user. */
function touchedByProof(
  { executionArn }: RunRecord,
  { calls, executions, mailbox, rooms }: Sandbox,
): string[] {
  const { input = '{}' } = executions.all.get(executionArn) ?? {};
  if ((JSON.parse(input) as { onlyProve?: boolean }).onlyProve !== true) return [];
  const { stateMachine, startup } = executions.deployment;
  const others = [...executions.all.values()].some(
    ({ arn, machine }) => arn !== executionArn && [stateMachine.arn, startup.arn].includes(machine.arn),
  );
  const switched = calls.calls.filter(
    (call) =>
      ['rds', 'ec2', 'ssm'].includes(call.service) &&
      call.function !== 'operator' &&
      SWITCHES.test(call.operation),
  );
  const told = [...mailbox.mails, ...rooms.messages].filter(({ kind }) => !/proved$/.test(kind));
  // Another run that comes after it may do what it likes. Whoever cleans up after it may not.
  if (others) return [];
  return [
    ...switched.map(
      ({ operation, resources }) => `3: a run that only proves called ${operation} of ${resources.join()}`,
    ),
    ...told.map(({ kind }) => `6: a run that only proves told "${kind}"`),
  ];
}

/**
 * What was written to the source after its backup and before the run's last look at it, and stayed, is not in what the run calls proved: then the database is
 * not stopped. What comes after that look nobody can know, and no run says so.
 */
function lateWritesBroken(
  { resources, snapshot, lastLookAt }: RunRecord,
  { databases }: Sandbox,
  verification: 'full' | 'none',
): string[] {
  const isDatabaseOff = ['stopping', 'stopped'].includes(resources.database);
  if (!isDatabaseOff || verification === 'none' || snapshot?.verified !== true) return [];
  const until = lastLookAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(lastLookAt);
  const missed = databases.lateWrites.filter((at) => at <= until);
  return missed.length === 0
    ? []
    : [
        `1: the database was stopped and its backup is called proved, but ${missed.length === 1 ? 'a write' : `${missed.length} writes`} to it after the backup and before the last look (${lastLookAt ?? 'there was none'}) are not in it`,
      ];
}

/** A run that was to back the files up stops no server without a completed snapshot of every volume it planned. */
function filesBroken(record: RunRecord, sandbox: Sandbox): string[] {
  const { files, resources } = record;
  const anyOff = Object.values(resources.servers).some((state) => ['stopping', 'stopped'].includes(state));
  if (!anyOff || sandbox.executions.deployment.config.files.backup === 'none') return [];
  const completed = [...sandbox.servers.volumes.snapshots.values()].filter(
    ({ state }) => state === 'completed',
  );
  // A run that could not even store its certificate is judged by what EBS has.
  if (record.runId === '' && completed.length > 0) return [];
  const proved = (files?.snapshots ?? []).every(({ snapshotId, volumeId }) =>
    completed.some((snapshot) => snapshot.snapshotId === snapshotId && snapshot.volumeId === volumeId),
  );
  const listed = (files?.snapshots.length ?? 0) + (files?.notCovered.length ?? 0) > 0;
  if (listed && proved) return [];
  return ['1: servers were stopped, but the run has no completed snapshots of their volumes'];
}

export function allOff({ resources }: RunRecord): boolean {
  return (
    resources.database === 'stopped' &&
    Object.values(resources.servers).every((state) => state === 'stopped' || state === 'terminated') &&
    Object.values(resources.services).every((state) => state === 'inactive')
  );
}

export function allOn({ resources }: RunRecord): boolean {
  return (
    USABLE.includes(resources.database) &&
    Object.values(resources.servers).every((state) => state === 'running') &&
    Object.values(resources.services).every((state) => state === 'active')
  );
}

/** Every file below a folder in which a text stands. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
