import { GetExecutionHistoryCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { SimulatedClock } from '../../play/clock.ts';
import type { Executions } from '../../play/states/executions.ts';
import type { FaultInjector } from '../fault-injection.ts';
import type { ApiAnswer, ApiRequest } from './operator-api.ts';
import type { People } from './persons.ts';

export interface AnswerOptions {
  clock: SimulatedClock;
  injector: FaultInjector;
  people: People;
  /** The one who asked for the run tries to approve it, and nobody else answers. */
  isSame: boolean;
  /** Asks the operator API. @throws Error when the function that answers was lost. */
  call(request: ApiRequest): Promise<ApiAnswer>;
}

/** How long the next person takes, and how long one waits before asking again, in milliseconds of simulated time. */
const NEXT_AFTER = 120_000;
const AGAIN_AFTER = 30_000;
const TRIES = 3;

/** The approvers answer one after the other until there are as many as are needed. @throws Error when none of them can. */
export async function answerAll(
  { clock, injector, people, isSame, call }: AnswerOptions,
  run: string,
  decision: 'approve' | 'deny',
): Promise<void> {
  let last: ApiAnswer | undefined;
  for (const caller of people.approvers) {
    const request = {
      route: 'POST /runs/{id}/approval',
      parameters: { id: run },
      body: { decision },
      caller,
    };
    last = await patiently(() => call(request), clock);
    if (isSame && last.status === 403) injector.happened('requester-approves');
    if (isSame) break;
    if (last.status === 200 && decision === 'deny') injector.happened('approval-denied');
    const { approvedBy, needed } = last.body;
    const isEnough =
      decision === 'deny' || (Array.isArray(approvedBy) && approvedBy.length >= Number(needed));
    if (last.status === 200 && isEnough) return;
    await clock.sleep(NEXT_AFTER);
  }
  throw new Error(`the API answered ${last?.status}: ${JSON.stringify(last?.body)}`);
}

/** A person whose answer got lost gives it again. */
async function patiently(call: () => Promise<ApiAnswer>, clock: SimulatedClock): Promise<ApiAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await call();
      if (answer.status < 500 || attempt >= TRIES) return answer;
    } catch (error) {
      if (attempt >= TRIES) throw error;
    }
    await clock.sleep(AGAIN_AFTER);
  }
}

/**
 * Somebody who may read the execution's history finds the task token there and tells the workflow that it was approved.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskScheduledEventDetails.html
 */
export async function approveByStolenToken(
  client: SFNClient,
  executions: Executions,
  injector: FaultInjector,
): Promise<void> {
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn: executions.first?.arn ?? '', maxResults: 1000 }),
  );
  const parameters = events.findLast(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails
    ?.parameters;
  const { Payload } = JSON.parse(parameters ?? '{}') as { Payload?: { token?: string } };
  const output = JSON.stringify({
    approvedBy: 'the head of operations',
    approvedAt: new Date(0).toISOString(),
  });
  await client.send(new SendTaskSuccessCommand({ taskToken: Payload?.token, output }));
  injector.happened('token-stolen');
}
