import { z } from 'zod';
import { type Execution, executionArnOf, findExecution } from '../aws/executions.ts';
import { defined } from '../contract/defined.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { kindOfExecution } from '../contract/run-kinds.ts';
import type { RunStatus } from '../contract/run-status.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { runIdOf } from '../runtime/run.ts';
import { approvalState } from './answers.ts';
import { HttpError } from './http-error.ts';

/** @throws HttpError 404 when there is no such run. */
async function requireRun(id: string): Promise<Execution & { executionArn: string }> {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) throw new HttpError(404, 'no such run');
  for (const machine of [EnvironmentVariable.StateMachineArn, EnvironmentVariable.StartupArn]) {
    const executionArn = executionArnOf(environmentVariable(machine), id);
    const execution = await findExecution(executionArn);
    if (execution !== undefined) return { ...execution, executionArn };
  }
  throw new HttpError(404, 'no such run');
}

/**
 * The status of a run.
 * @throws HttpError 404 when there is no such run.
 */
export async function describeRun(id: string): Promise<RunStatus> {
  const execution = await requireRun(id);
  const runId = idOf(execution);
  const system = environmentVariable(EnvironmentVariable.SystemName);
  const approval = await approvalState(system, runId, execution.executionArn);
  return {
    run: id,
    action: kindOfExecution(execution.executionArn),
    runId,
    status: execution.status ?? 'UNKNOWN',
    ...outcomeIn(execution.output),
    startedAt: execution.startDate?.toISOString() ?? '',
    ...(execution.stopDate === undefined ? {} : { endedAt: execution.stopDate.toISOString() }),
    ...defined({ error: execution.error, cause: execution.cause, approval }),
  };
}

const Output = z.object({ report: z.object({ outcome: z.string() }) });

function outcomeIn(output: string | undefined): { outcome?: string } {
  const parsed = Output.safeParse(output === undefined ? undefined : JSON.parse(output));
  return parsed.success ? { outcome: parsed.data.report.outcome } : {};
}

/** The run's id, from its execution's name. */
export async function runIdOfExecution(id: string): Promise<string> {
  return idOf(await requireRun(id));
}

function idOf({ executionArn, startDate }: Execution & { executionArn: string }): string {
  return runIdOf({ id: executionArn, name: '', startTime: startDate?.toISOString() ?? '' });
}
