import { z } from 'zod';
import { executionArnOf, startExecution } from '../aws/executions.ts';
import { defined } from '../contract/defined.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import type { Principal } from '../contract/principal.ts';
import type { KeepInput } from '../contract/watch.ts';
import { describeIssues } from '../contract/wording.ts';
import { type Intent, readIntent } from '../guard/intent.ts';
import { heldLock } from '../guard/lock.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { HttpError } from './http-error.ts';
import { requestRun } from './start-run.ts';

const Finish = z.strictObject({});

export interface FinishStarted {
  system: string;
  /** What the system is meant to be, and is brought to. */
  wanted: Intent['wanted'];
  /** The execution that brings it there: its ARN. */
  execution: string;
}

/**
 * Brings the system to what it is meant to be. If it is meant to be off, KeepStopped switches off what is still on, under the proof of the
 * shutdown that set the mark, and tells the operators. Otherwise a start-up brings up what is down, and lets users in. Asked for as often as
 * needed: a repeat finds done what was done.
 *
 * @throws HttpError 409 while a run is in progress or not cleaned up.
 */
export async function finish(system: string, body: unknown, caller: Principal): Promise<FinishStarted> {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
  const parsed = Finish.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not valid', describeIssues(parsed.error, 'body', body));
  const lock = await heldLock(system);
  if (lock !== undefined)
    throw new HttpError(
      409,
      `run ${lock.runId} is in progress, or is being cleaned up; expected none: wait until the lock is gone, an hour at most after its execution ended, and ask again`,
    );
  const intent = (await readIntent(system))?.value;
  const execution =
    intent?.wanted === 'off' ? await finishOff(intent, caller.id) : await finishOn(system, caller);
  log('info', 'api: finish started', { system, by: caller.id, execution });
  return { system, wanted: intent?.wanted ?? 'on', execution };
}

/** Each request has an execution of its own. Two at once do no harm: each looks first, and each resource is reported by one of them. */
async function finishOff(intent: Intent, caller: string): Promise<string> {
  if (intent.run === undefined)
    throw new HttpError(
      409,
      'the mark names no run; expected the shutdown whose backup proves that the stop is safe',
    );
  const machine = environmentVariable(EnvironmentVariable.KeepStoppedArn);
  const name = `finish-${new Date(Date.now()).toISOString().replaceAll(/\D/g, '')}`;
  const input: KeepInput = {
    cause: 'finish',
    targets: ['database', 'servers'],
    runId: intent.run.id,
    ...defined({ stoppedAt: intent.stoppedAt }),
    by: caller,
  };
  await startExecution(machine, name, JSON.stringify(input));
  return executionArnOf(machine, name);
}

/** The start-up finds what is up already, and says so when that is everything. */
async function finishOn(system: string, caller: Principal): Promise<string> {
  const { run } = await requestRun('startup', system, {}, caller);
  return executionArnOf(environmentVariable(EnvironmentVariable.StartupArn), run);
}
