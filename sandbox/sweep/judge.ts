import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { ErrorName } from '../../functions/contract/errors.ts';
import { allOff, allOn } from '../rehearsal/invariants.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import type { AnyOutcome } from '../rehearsal/run-record.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { SweepCase } from './case.ts';
import { type AbortedCertificate, abortBroken } from './judge-abort.ts';
import { secretsFound } from './secrets.ts';

/** Mails that say how a run ended, and the outcomes that each may be sent for. */
const OUTCOME_MAILS: Record<string, AnyOutcome[]> = {
  'shut-down': ['succeeded'],
  'already-off': ['already-off'],
  'rolled-back': ['rolled-back'],
  'called-off': ['rolled-back', 'denied', 'failed', 'refused', 'called-off'],
  'not-begun': ['denied', 'failed', 'refused', 'skipped', 'called-off'],
  'partly-off': ['partly-off', 'failed'],
  proved: ['proved'],
  'not-proved': ['failed', 'refused'],
};

/**
 * Looks from the outside at what a run left: the invariants, and whether everything that tells of the run tells the truth and the same.
 *
 * @returns a sentence for each thing that does not hold.
 */
export async function judge(
  { record, broken, execution }: Rehearsal,
  sandbox: Sandbox,
  { faults, input, outcome: expected }: SweepCase,
  { out, canary }: { out: string; canary: string },
): Promise<string[]> {
  const lasting = faults.filter((fault): fault is LastingFault => {
    const { times, service } = fault as { times?: number; service?: string };
    return service !== undefined && (times ?? 1) > LASTING;
  });
  const blindBucket = lasting.some(({ service }) => service === 's3');
  // Whoever closes the run dies at every try: nothing is stored or released. The execution fails, which the alarm tells, and the next run
  // takes the lock over.
  const neverClosed = lasting.some(
    (fault) => fault.function === 'report' && ENDS_THE_FUNCTION.has(fault.kind),
  );
  const wrong: string[] = [...broken.filter((sentence) => !isExcused(sentence))];
  const { outcome } = record;
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(sentence);
  };

  say(
    expected === undefined || outcome === expected,
    `the run ended as "${outcome}", expected "${expected}"`,
  );
  const good = ['succeeded', 'planned', 'proved', 'already-off'].includes(outcome);
  say(execution.status !== 'RUNNING', 'the execution never ended');
  const hung = [...new Set(sandbox.connections?.hung)];
  say(
    hung.length === 0,
    `time: nothing but Lambda's time-out ended a connection that hung in ${hung.join(', ')}`,
  );
  // Everything is off, but the run could not be closed: the execution says so, whatever the outcome.
  const notClosed = execution.status === 'FAILED' && lasting.some((fault) => fault.function === 'report');
  // Who stops an execution when all is done or on its way changes nothing of that: docs/decisions/0006.
  const doneAlready = execution.status === 'ABORTED' && (outcome === 'succeeded' || outcome === 'proved');
  say(
    (execution.status === 'SUCCEEDED') === good || notClosed || doneAlready,
    `truth: the execution is ${execution.status}, the outcome "${outcome}"`,
  );
  say(
    execution.error === undefined || NAMED.test(execution.error),
    `truth: the run failed with an error that has no name of its own: ${execution.error} (${execution.cause})`,
  );
  if (outcome === 'succeeded' || outcome === 'proved') {
    const { snapshots, clusterSnapshots } = sandbox.databases;
    const identifier = record.snapshot?.identifier ?? '';
    const snapshot = snapshots.get(identifier) ?? clusterSnapshots.get(identifier);
    say(snapshot?.status === 'available', 'truth: the verified snapshot of the certificate does not exist');
  }
  if (outcome === 'rolled-back') {
    say(
      allOn(record) && !record.resources.maintenance,
      'truth: the run says rolled back, but not everything is up again',
    );
  }
  if (outcome === 'already-off')
    say(allOff(record), 'truth: the run says already off, but not everything is');
  if (['denied', 'refused', 'skipped', 'called-off', 'planned', 'proved'].includes(outcome))
    say(allOn(record), `truth: the run says ${outcome}, but something was touched`);

  const certificate = await certificateOf(out, execution.arn);
  // Without a certificate a record says "failed"; the mails must tell what was done all the same.
  const isUnrecorded = certificate === undefined && blindBucket && outcome === 'failed';
  const isProved =
    input?.onlyProve === true &&
    record.steps.some(({ name, outcome: end }) => name === LAST_OF_PROOF && end === 'succeeded');
  const seen = isUnrecorded && allOff(record) ? 'succeeded' : isUnrecorded && isProved ? 'proved' : outcome;
  say(certificate !== undefined || blindBucket || neverClosed, 'truth: no certificate was stored');
  if (
    certificate !== undefined &&
    execution.error !== undefined &&
    execution.status !== 'ABORTED' &&
    outcome !== 'partly-off' &&
    !blindBucket
  ) {
    say(
      certificate.failure?.Error === execution.error,
      `truth: the certificate tells of ${certificate.failure?.Error}, the execution of ${execution.error}`,
    );
  }
  wrong.push(...abortBroken({ record, execution }, sandbox, certificate));
  wrong.push(...otherRuns(sandbox, execution));
  wrong.push(...statesTold(certificate, record, sandbox.executions.deployment.config));
  wrong.push(...mailsTold({ ...record, outcome: seen }, sandbox, lasting));
  wrong.push(...(await secretsFound(sandbox, out, canary)));
  return wrong;

  /** With an AWS that stays broken something may be left, as long as the operators are told of it by name. */
  function isExcused(sentence: string): boolean {
    if (neverClosed && sentence.startsWith('1: servers were stopped')) return volumesSaved(sandbox);
    // What the certificate could not be told by a bucket that cannot be read, EBS tells.
    if (blindBucket && sentence.startsWith('1: servers were stopped')) return volumesSaved(sandbox);
    if (lasting.length === 0 || !sentence.startsWith('2: left behind: ')) return false;
    const text = sandbox.mailbox.mails.map((mail) => `${mail.subject} ${mail.text}`).join('\n');
    return sentence
      .slice('2: left behind: '.length)
      .split(', ')
      .every((item) => {
        // A lock of a run that is over is taken over by the next one.
        if (item.startsWith('lock')) return neverClosed || blindBucket;
        if (item === 'maintenance mode') return /maintenance mode/i.test(text);
        return text.includes(item.split(' ').at(-1) ?? item);
      });
  }
}

/** Once this step of a run that only proves a backup has succeeded, the backup is proved. */
const LAST_OF_PROOF = 'Delete test instance';

/** A fault of one function's calls of an operation that lasts until the end of the run. */
export interface LastingFault {
  service: string;
  operation: string;
  function: string;
  kind: string;
}

export const ENDS_THE_FUNCTION = new Set(['kill-function', 'time-out-function']);

/** EBS holds a completed snapshot, and none that is not. */
function volumesSaved({ servers }: Sandbox): boolean {
  const states = [...servers.volumes.snapshots.values()].map(({ state }) => state);
  return states.length > 0 && states.every((state) => state === 'completed');
}

/** Errors of ours, of Lambda and of Step Functions: anything else nobody has thought of. */
export const NAMED = new RegExp(
  `^(${Object.values(ErrorName).join('|')}|States\\..+|Lambda\\..+|Sandbox\\.Timedout|Runtime\\.ExitError)$`,
);

/** More times than this and the fault lasts until the end of the run. */
export const LASTING = 1_000;

export interface StoredCertificate extends AbortedCertificate {
  run: { executionArn: string };
  outcome: AnyOutcome;
  resources: { kind: string; name: string; state: string }[];
}

export async function certificateOf(
  out: string,
  executionArn: string,
): Promise<StoredCertificate | undefined> {
  const files = await readdir(join(out, 'evidence'), { recursive: true });
  for (const file of files.filter((name) => name.endsWith('certificate.json'))) {
    const certificate = JSON.parse(await readFile(join(out, 'evidence', file), 'utf8')) as StoredCertificate;
    if (certificate.run.executionArn === executionArn) return certificate;
  }
  return undefined;
}

/** Another run of the system while this one holds the lock: it names the holder, and touches nothing. */
function otherRuns(sandbox: Sandbox, execution: Rehearsal['execution']): string[] {
  return [...sandbox.executions.all.values()]
    .filter((other) => other !== execution && other.machine.arn === execution.machine.arn)
    .flatMap((other) => {
      const refused = other.status === 'FAILED' && other.error === 'RunInProgress';
      const named = other.cause?.includes(execution.arn) === true;
      return refused && named
        ? []
        : [
            `lock: another run ended as ${other.status} (${other.error}: ${other.cause}), not refused by name`,
          ];
    });
}

/** States on their way that may have been reached between the closing of the run and this look. */
const LATER: Record<string, string[]> = {
  stopping: ['stopped'],
  pending: ['running'],
  starting: ['available'],
  'backing-up': ['available'],
  available: ['stopping', 'stopped'],
};

/** The certificate's states of database and servers are the world's. */
export function statesTold(
  certificate: StoredCertificate | undefined,
  { resources }: Rehearsal['record'],
  config: SystemConfig,
): string[] {
  if (certificate === undefined) return [];
  const ids = new Map(config.servers.map((server) => [`server ${server.name}`, server.instanceId]));
  return certificate.resources.flatMap(({ kind, name, state }) => {
    if (kind !== 'database' && kind !== 'server') return [];
    const found =
      kind === 'database' ? resources.database : (resources.servers[ids.get(name) ?? ''] ?? 'gone');
    const unseen = state.startsWith('could not be looked at');
    return unseen || state === found || LATER[state]?.includes(found) === true
      ? []
      : [`truth: the certificate says ${name} is "${state}", it is "${found}"`];
  });
}

function mailsTold(
  { outcome, runId }: Rehearsal['record'],
  sandbox: Sandbox,
  lasting: LastingFault[],
): string[] {
  if (outcome === 'planned') return [];
  const wrong: string[] = [];
  const { operators, users } = sandbox.executions.deployment.config.notices;
  const mails = sandbox.mailbox.mails.filter(
    (mail) => mail.kind in OUTCOME_MAILS && (runId === '' || mail.runId === runId),
  );
  for (const mail of mails) {
    if (OUTCOME_MAILS[mail.kind]?.includes(outcome) !== true)
      wrong.push(`truth: a mail "${mail.kind}" was sent, the outcome is "${outcome}"`);
  }
  // Without mail, or without the function that sends it, the alarm on failed executions is what tells them.
  const mailBroken = lasting.some(
    (fault) => fault.service === 'ses' || (fault.function === 'report' && ENDS_THE_FUNCTION.has(fault.kind)),
  );
  const told = (address: string, kinds: string[]): boolean =>
    mails.some((mail) => mail.to.includes(address) && kinds.includes(mail.kind));
  const kinds = Object.keys(OUTCOME_MAILS).filter((kind) => kind !== 'called-off');
  for (const { address } of operators)
    if (!mailBroken && !told(address, kinds)) wrong.push('truth: an operator was not told how the run ended');
  const announced = new Set(
    sandbox.mailbox.mails.filter((mail) => mail.kind === 'announcement').flatMap((mail) => mail.to),
  );
  const off = outcome === 'succeeded' || outcome === 'partly-off';
  const needsPerson = mails.some((mail) => mail.kind === 'partly-off');
  for (const { address } of users)
    if (!off && !needsPerson && !mailBroken && announced.has(address) && !told(address, ['called-off']))
      wrong.push('truth: a user who was told of the shutdown was not told that it does not take place');
  return wrong;
}
