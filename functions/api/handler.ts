import type { APIGatewayProxyEventV2WithIAMAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { ErrorName, LightsOutError, messageOf } from '../contract/errors.ts';
import type { RunKind } from '../contract/run-kinds.ts';
import { principalOf } from '../guard/principals.ts';
import { translateAwsError } from '../runtime/aws-errors.ts';
import { log, logged } from '../runtime/log.ts';
import { answerApproval } from './approval.ts';
import { finish } from './finish.ts';
import { hold, listHolds, unhold } from './holds.ts';
import { HttpError } from './http-error.ts';
import { release } from './release.ts';
import { describeRun } from './runs.ts';
import { requestRun, type StartedRun } from './start-run.ts';

/**
 * The operator API: starts a shutdown or a start-up, shows its status, answers an approval, finishes what a run left half done, releases a
 * system that is off, holds one that is not to be shut down.
 *
 * Trigger: API Gateway (HTTP API, payload 2.0) with the IAM authorizer. IAM proves the caller, whatever the body says. `POST
 * /systems/{name}/shutdowns`, `…/startups` and `…/finish` → 202. `GET /runs/{id}`, `POST /runs/{id}/approval` and `POST
 * /systems/{name}/release` → 200. `POST /systems/{name}/holds` → 201, `GET …/holds` and `DELETE …/holds/{id}` → 200. Errors: 400 with
 * the invalid fields, 403, 404, 409, and 503 when AWS cannot answer now.
 */
export async function handler(
  event: APIGatewayProxyEventV2WithIAMAuthorizer,
): Promise<APIGatewayProxyStructuredResultV2> {
  return logged({ step: 'api', action: event.routeKey }, async () => {
    try {
      return await route(event);
    } catch (thrown) {
      return errorAnswer(thrown);
    }
  });
}

async function route(
  event: APIGatewayProxyEventV2WithIAMAuthorizer,
): Promise<APIGatewayProxyStructuredResultV2> {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
  const arn = event.requestContext.authorizer?.iam?.userArn;
  if (arn === undefined || arn === '')
    throw new HttpError(403, 'the request is not signed by an IAM principal');
  const caller = principalOf(arn);
  const parameters = event.pathParameters ?? {};
  const start = (kind: RunKind): Promise<StartedRun> =>
    requestRun(kind, parameters['name'] ?? '', bodyOf(event), caller, event.headers['idempotency-key']);
  switch (event.routeKey) {
    case 'POST /systems/{name}/shutdowns':
      return json(202, await start('shutdown'));
    case 'POST /systems/{name}/startups':
      return json(202, await start('startup'));
    case 'POST /systems/{name}/release':
      return json(200, await release(parameters['name'] ?? '', bodyOf(event), caller.id));
    case 'POST /systems/{name}/finish':
      return json(202, await finish(parameters['name'] ?? '', bodyOf(event), caller));
    case 'POST /systems/{name}/holds':
      return json(201, await hold(parameters['name'] ?? '', bodyOf(event), caller));
    case 'GET /systems/{name}/holds':
      return json(200, await listHolds(parameters['name'] ?? ''));
    case 'DELETE /systems/{name}/holds/{id}':
      return json(200, await unhold(parameters['name'] ?? '', parameters['id'] ?? '', caller));
    case 'GET /runs/{id}':
      return json(200, await describeRun(parameters['id'] ?? ''));
    case 'POST /runs/{id}/approval':
      return json(200, await answerApproval(parameters['id'] ?? '', bodyOf(event), caller));
    default:
      throw new HttpError(404, `no such route: ${event.routeKey}`);
  }
}

function bodyOf(event: APIGatewayProxyEventV2WithIAMAuthorizer): unknown {
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : (event.body ?? '');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpError(400, `body: expected JSON (${error.message})`);
    throw error;
  }
}

function errorAnswer(thrown: unknown): APIGatewayProxyStructuredResultV2 {
  if (thrown instanceof HttpError)
    return json(thrown.status, {
      error: thrown.message,
      ...(thrown.problems === undefined ? {} : { problems: thrown.problems }),
    });
  const error = translateAwsError(thrown);
  log('error', 'api: request failed', { error: error.name, reason: messageOf(error) });
  const status =
    error instanceof LightsOutError && error.name === ErrorName.AwsTemporarilyUnavailable ? 503 : 500;
  return json(status, {
    error: status === 503 ? 'AWS cannot answer just now; try again' : 'internal error; see the function log',
  });
}

function json(statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
