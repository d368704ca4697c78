import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemConfig } from '../functions/contract/config.ts';
import { EnvironmentVariable } from '../functions/contract/environment.ts';
import { MACHINE_SUFFIX } from '../functions/contract/run-kinds.ts';
import { deployedAlarms } from './aws/alarms/deployed-alarms.ts';
import type {
  DeployedDocument,
  DeployedFunction,
  DeployedRule,
  DeployedSchedule,
  DeployedStateMachine,
  Deployment,
  EventPattern,
  PolicyStatement,
  SandboxAccount,
  StateMachineDefinition,
} from './deployment.ts';
import { Resolver, type Resource } from './resolver.ts';

const CONFIGURATION = EnvironmentVariable.ConfigurationFile;

/** What the sandbox calls itself where the stack leaves account and Region open. */
const DEFAULT_ACCOUNT = { account: '123456789012', region: 'eu-central-1' };

/**
 * Reads a system's stack from a cloud assembly and resolves it as CloudFormation would: every reference becomes a name or an ARN.
 *
 * @throws Error naming a reference that cannot be resolved.
 */
export async function readDeployment(
  assembly: string,
  stackName: string,
  overrides: { allDatabases?: boolean } = {},
): Promise<Deployment> {
  const template = JSON.parse(await readFile(join(assembly, `${stackName}.template.json`), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const account = await accountOf(assembly, stackName);
  const resolver = new Resolver(template.Resources, account, stackName);
  const of = (type: string): [string, Record<string, unknown>][] =>
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => [id, resolver.resolve(resource.Properties ?? {}) as Record<string, unknown>]);

  const functions = of('AWS::Lambda::Function').map(([id, properties]) =>
    functionOf(id, properties, {
      assembly,
      resolver,
      policies: [...of('AWS::IAM::Policy'), ...of('AWS::IAM::ManagedPolicy')],
      asynchronous: of('AWS::Lambda::EventInvokeConfig').map(([, config]) => config),
    }),
  );
  const config = await configurationOf(functions, overrides.allDatabases === true);
  const [bucketId] = of('AWS::S3::Bucket')[0] ?? [''];
  const stateMachines = of('AWS::StepFunctions::StateMachine').map(
    ([id, machine]): DeployedStateMachine => ({
      arn: resolver.resolve({ Ref: id }) as string,
      name: resolver.nameOf(id),
      definition: JSON.parse(String(machine['DefinitionString'])) as StateMachineDefinition,
    }),
  );
  const machineOf = (suffix: string): DeployedStateMachine => {
    const machine = stateMachines.find(({ name }) => name.endsWith(`-${suffix}`));
    if (machine !== undefined) return machine;
    throw new Error(`template ${stackName}: expected a state machine LightsOut-…-${suffix}`);
  };
  return {
    account,
    config,
    documents: of('AWS::SSM::Document').map(
      ([, { Name, Content }]): DeployedDocument => ({
        name: String(Name),
        arn: resolver.arn('ssm', `document/${String(Name)}`),
        content: Content,
      }),
    ),
    functions,
    bucket: resolver.nameOf(bucketId),
    stateMachine: machineOf(MACHINE_SUFFIX.shutdown),
    startup: machineOf(MACHINE_SUFFIX.startup),
    stateMachines,
    rules: of('AWS::Events::Rule').map(([id, rule]) => ruleOf(resolver.nameOf(id), rule)),
    schedules: of('AWS::Scheduler::Schedule').map(([id, schedule]) =>
      scheduleOf(resolver.nameOf(id), schedule),
    ),
    alarms: deployedAlarms({
      of,
      nameOf: (id) => resolver.nameOf(id),
      arn: (service, rest) => resolver.arn(service, rest),
    }),
  };
}

/** The configuration that went with the functions' code; one without the choice of databases is laid beside it, and they are told where. */
async function configurationOf(functions: DeployedFunction[], allDatabases: boolean): Promise<SystemConfig> {
  const readers = functions.filter(({ environment }) => CONFIGURATION in environment);
  const [first] = readers;
  if (first === undefined) throw new Error(`template: expected functions with ${CONFIGURATION}`);
  const file = join(first.bundleDirectory, first.environment[CONFIGURATION] ?? '');
  const config = SystemConfig.parse(JSON.parse(await readFile(file, 'utf8')));
  if (!allDatabases) return config;
  delete config.database.databases;
  // Renamed when it is whole: another rehearsal of the same assembly may be reading it.
  const changed = `${file}.all-databases`;
  const begun = `${changed}.${process.pid}`;
  await writeFile(begun, JSON.stringify(config));
  await rename(begun, changed);
  for (const { environment } of readers) environment[CONFIGURATION] = changed;
  return config;
}

function ruleOf(name: string, rule: Record<string, unknown>): DeployedRule {
  const targets = (rule['Targets'] ?? []) as Record<string, unknown>[];
  for (const target of targets) {
    // The sandbox hands the whole event on: an input of the rule's own would be lost.
    const own = ['Input', 'InputPath', 'InputTransformer'].find((key) => key in target);
    if (own !== undefined) throw new Error(`template: rule ${name}: ${own} is not known here`);
  }
  return {
    name,
    pattern: (rule['EventPattern'] ?? {}) as EventPattern,
    targets: targets.map((target) => String(target['Arn'])),
  };
}

function scheduleOf(name: string, schedule: Record<string, unknown>): DeployedSchedule {
  const target = schedule['Target'] as { Arn: string; Input?: string };
  return {
    name,
    expression: String(schedule['ScheduleExpression']),
    target: { arn: target.Arn, input: target.Input ?? '{}' },
  };
}

async function accountOf(assembly: string, stackName: string): Promise<SandboxAccount> {
  const manifest = JSON.parse(await readFile(join(assembly, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { environment?: string }>;
  };
  const [, account, region] =
    /^aws:\/\/([^/]+)\/(.+)$/.exec(manifest.artifacts[stackName]?.environment ?? '') ?? [];
  const known = (value: string | undefined, otherwise: string): string =>
    value === undefined || value.startsWith('unknown') ? otherwise : value;
  const resolvedRegion = known(region, DEFAULT_ACCOUNT.region);
  return {
    account: known(account, DEFAULT_ACCOUNT.account),
    region: resolvedRegion,
    partition: resolvedRegion.startsWith('cn-') ? 'aws-cn' : 'aws',
  };
}

interface FunctionContext {
  assembly: string;
  resolver: Resolver;
  policies: [string, Record<string, unknown>][];
  /** How functions are called by events. */
  asynchronous: Record<string, unknown>[];
}

function functionOf(
  id: string,
  properties: Record<string, unknown>,
  { assembly, resolver, policies, asynchronous }: FunctionContext,
): DeployedFunction {
  const code = properties['Code'] as { S3Key: string };
  const tags = (properties['Tags'] ?? []) as { Key: string; Value: string }[];
  const step = tags.find((tag) => tag.Key === 'lights-out:step')?.Value ?? id;
  const roleArn = String(properties['Role']);
  const statements = policies
    .filter(([, policy]) =>
      ((policy['Roles'] ?? []) as string[]).some((role) => roleArn.endsWith(`/${role}`)),
    )
    .flatMap(([, policy]) =>
      (policy['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement.map(statementOf),
    );
  const variables = ((properties['Environment'] as { Variables?: Record<string, string> } | undefined)
    ?.Variables ?? {}) as Record<string, string>;
  const called = asynchronous.find(({ FunctionName }) => FunctionName === resolver.nameOf(id));
  const { OnFailure } = (called?.['DestinationConfig'] ?? {}) as { OnFailure?: { Destination: string } };
  return {
    step,
    arn: resolver.resolve({ 'Fn::GetAtt': [id, 'Arn'] }) as string,
    // The key of a file asset is the hash its folder is named by.
    bundleDirectory: join(assembly, `asset.${String(code.S3Key).replace(/\.zip$/, '')}`),
    handler: String(properties['Handler']),
    environment: variables,
    timeoutSeconds: Number(properties['Timeout'] ?? 3),
    memoryMib: Number(properties['MemorySize'] ?? 128),
    role: { arn: roleArn, statements },
    ...(OnFailure === undefined ? {} : { onFailure: OnFailure.Destination }),
    accessKeyId: `AKIASANDBOX${step.toUpperCase()}`,
  };
}

function statementOf(statement: Record<string, unknown>): PolicyStatement {
  const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);
  return {
    Effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    Action: list(statement['Action']),
    Resource: list(statement['Resource']),
    ...(statement['Condition'] === undefined
      ? {}
      : { Condition: statement['Condition'] as Record<string, Record<string, string | string[]>> }),
  };
}
