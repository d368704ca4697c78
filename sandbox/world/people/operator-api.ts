import type { LambdaFunction } from '../../play/lambda/lambda.ts';

export interface ApiRequest {
  /** `POST /runs/{id}/approval` … */
  route: string;
  parameters: Record<string, string>;
  headers?: Record<string, string>;
  body: object;
  /** ARN of who asks, as IAM has proved it. */
  caller: string;
}

export interface ApiAnswer {
  status: number;
  body: Record<string, unknown>;
}

/**
 * A person's request as API Gateway hands it to the function once IAM has proved who asks.
 *
 * @throws Error when the function ended without an answer.
 */
export async function callApi(
  functions: readonly LambdaFunction[],
  { route, parameters, headers = {}, body, caller }: ApiRequest,
): Promise<ApiAnswer> {
  const api = functions.find((each) => each.deployed.step === 'api');
  const answer = (await api?.invoke({
    version: '2.0',
    routeKey: route,
    pathParameters: parameters,
    headers,
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: { iam: { userArn: caller } } },
  })) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}

/** The same, of a request that is to be granted. @throws Error when it is not. */
export async function askApi(functions: readonly LambdaFunction[], request: ApiRequest): Promise<unknown> {
  const { status, body } = await callApi(functions, request);
  if (status >= 300) throw new Error(`the API answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
