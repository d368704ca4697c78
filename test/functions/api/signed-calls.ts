import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, vi } from 'vitest';
import { handler } from '../../../functions/api/handler.ts';
import { principalOf } from '../../../functions/guard/principals.ts';
import { allowNothing, Bucket, deployConfiguration, execution, RUN_ID, systemInput } from '../fixtures.ts';

export const ALICE = 'arn:aws:iam::123456789012:user/alice';
export const BOB = 'arn:aws:sts::123456789012:assumed-role/Approver/bob';
/** The request for approval that waits. */
export const PENDING = `approvals/crm/${RUN_ID}`;
export const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:LightsOut-crm-Shutdown';

/** Calls the API as API Gateway does, by whom IAM proved; unsigned where nobody is named. */
export const call = async (
  routeKey: string,
  pathParameters: object,
  body: unknown,
  userArn: string | undefined,
  headers: object = {},
) => {
  const answer = await handler({
    routeKey,
    pathParameters,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: userArn === undefined ? undefined : { iam: { userArn } } },
  } as never);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
};

/** A bucket in which a request of Alice's waits for approval, and a Step Functions in which its run goes on, before each test of a file. */
export function apiOfTest() {
  const sfn = mockClient(SFNClient);
  const api = { sfn, bucket: new Bucket() };
  allowNothing(sfn);
  beforeEach(() => {
    vi.stubEnv('SYSTEM_NAME', 'crm');
    vi.stubEnv('STATE_MACHINE_ARN', MACHINE);
    api.bucket = new Bucket();
    sfn.on(StartExecutionCommand).resolves({});
    sfn
      .on(DescribeExecutionCommand)
      .resolves({ status: 'RUNNING', startDate: new Date(execution.startTime) });
    const approval = {
      approvers: [{ address: 'head@example.com' }],
      principals: [ALICE, 'arn:aws:iam::123456789012:role/Approver'],
    };
    deployConfiguration(JSON.stringify(systemInput({ approval })));
    api.bucket.put(PENDING, {
      token: 'task-token',
      runId: RUN_ID,
      executionArn: execution.id,
      requester: principalOf(ALICE),
      expiresAt: '2026-11-27T15:00:00.000Z',
    });
  });
  return api;
}
