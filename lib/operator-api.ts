import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnStage, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';

/** People send a handful of requests, so a higher rate is a mistake. */
const REQUESTS_A_SECOND = 5;
const BURST = 10;

/** The operator API: an HTTP API whose every route is signed by IAM. */
export class OperatorApi extends Construct {
  readonly url: string;

  constructor(
    scope: Construct,
    id: string,
    props: { handler: IFunction; system: Pick<SystemConfig, 'approval'> },
  ) {
    super(scope, id);
    const { handler, system } = props;
    const authorizer = new HttpIamAuthorizer();
    const integration = new HttpLambdaIntegration('Handler', handler);
    const api = new HttpApi(this, 'Api', {
      description: 'Lights Out: operator API',
      createDefaultStage: true,
      defaultAuthorizer: authorizer,
    });
    const routes: [HttpMethod, string][] = [
      [HttpMethod.POST, '/systems/{name}/shutdowns'],
      [HttpMethod.POST, '/systems/{name}/startups'],
      [HttpMethod.GET, '/runs/{id}'],
      [HttpMethod.POST, '/systems/{name}/finish'],
      [HttpMethod.POST, '/systems/{name}/release'],
      [HttpMethod.POST, '/systems/{name}/holds'],
      [HttpMethod.GET, '/systems/{name}/holds'],
      [HttpMethod.DELETE, '/systems/{name}/holds/{id}'],
      ...(system.approval === undefined
        ? []
        : ([[HttpMethod.POST, '/runs/{id}/approval']] satisfies [HttpMethod, string][])),
    ];
    for (const [method, path] of routes) api.addRoutes({ path, methods: [method], integration, authorizer });

    const log = new LogGroup(this, 'Requests', {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const stage = api.defaultStage?.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('operator API: expected a default stage');
    stage.defaultRouteSettings = { throttlingRateLimit: REQUESTS_A_SECOND, throttlingBurstLimit: BURST };
    stage.accessLogSettings = {
      destinationArn: log.logGroupArn,
      format: JSON.stringify({
        at: '$context.requestTime',
        request: '$context.requestId',
        route: '$context.routeKey',
        status: '$context.status',
        caller: '$context.identity.userArn',
        error: '$context.error.message',
      }),
    };
    this.url = api.apiEndpoint;
  }
}
