import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';
import type { EnvironmentVariable } from '../functions/contract/environment.ts';
import { type FunctionName, functionFacts } from '../functions/contract/functions.ts';
import { bundleOf } from './function-bundles.ts';
import { addStatements } from './rights/large-statements.ts';
import type { Permission } from './rights/permission.ts';
import { acknowledgeWildcards } from './rights/wildcard-reasons.ts';

export interface StepFunctionProps {
  step: FunctionName;
  environment: Partial<Record<EnvironmentVariable, string>>;
  permissions: Permission[];
  /** The configuration beside the code, for a function that reads it. @default - none */
  configuration?: SystemConfig;
  /** Subnets and security group, for a function that connects to the database. @default - outside any VPC */
  network?: { subnetIds: string[]; securityGroupId: string };
}

/** The Lambda function of one step. Its own role allows only the step's calls. */
export class StepFunction extends LambdaFunction {
  readonly ownRole: IRole;

  constructor(scope: Construct, id: string, props: StepFunctionProps) {
    const { step, environment, permissions, network, configuration } = props;
    const { timeoutSeconds, memoryMib } = functionFacts(step);
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Lights Out: step ${step}`,
    });
    super(scope, id, {
      description: `Lights Out: step ${step}`,
      code: bundleOf(scope, step, configuration),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMib,
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
      environment: {
        ...environment,
        // Lambda's file with the RDS root certificates, which Node does not read by default.
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    this.ownRole = role;
    // The sandbox and readers of the bill identify the function by this tag.
    Tags.of(this).add('lights-out:step', step);
    logGroup.grantWrite(role);
    addStatements(
      scope,
      id,
      role,
      permissions.map(({ statement }) => statement),
    );
    if (network !== undefined) this.placeInto(network, role);
    acknowledgeWildcards(role, [
      ...permissions.flatMap((permission) => permission.wildcards),
      { resource: '*', reason: 'X-Ray and network interfaces know no resource' },
    ]);
  }

  /** Ids only: a look-up would need the account at synth. */
  private placeInto(network: { subnetIds: string[]; securityGroupId: string }, role: Role): void {
    const resource = this.node.defaultChild as CfnFunction;
    resource.vpcConfig = { subnetIds: network.subnetIds, securityGroupIds: [network.securityGroupId] };
    role.addToPolicy(networkInterfaces());
    const policy = role.node.tryFindChild('DefaultPolicy');
    if (policy !== undefined) this.node.addDependency(policy);
  }
}

/**
 * Permissions that Lambda needs to attach a function to subnets:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
function networkInterfaces(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}
