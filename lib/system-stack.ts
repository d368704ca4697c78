import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';
import { EnvironmentVariable } from '../functions/contract/environment.ts';
import { type FunctionName, functionFacts } from '../functions/contract/functions.ts';
import { ResourceTag } from '../functions/contract/keys.ts';
import { Alarms } from './alarms.ts';
import { HealthDocument, hasHealthScripts } from './documents/health-document.ts';
import { hasLook, LookDocument } from './documents/look-document.ts';
import { ServiceDocuments } from './documents/service-documents.ts';
import { VolumesDocument } from './documents/volumes-document.ts';
import { EvidenceBucket } from './evidence-bucket.ts';
import { guardEvidence } from './evidence-guard.ts';
import { CONFIGURATION_FILE } from './function-bundles.ts';
import { OperatorApi } from './operator-api.ts';
import { functionsOf, permissionsOf } from './permissions.ts';
import { onlyWrittenBy } from './proven-records.ts';
import { ResourceNames } from './resource-names.ts';
import { SavedQueries } from './saved-queries.ts';
import { Schedules } from './schedules.ts';
import { StepFunction } from './step-function.ts';
import { functionOf, type SystemFunctions } from './system-functions.ts';
import { TestInstanceSecurity } from './test-instance-security.ts';
import { Watch } from './watch.ts';
import { CleanUpWorkflow } from './workflows/clean-up.ts';
import { KeepStoppedWorkflow } from './workflows/keep-stopped.ts';
import { ShutdownWorkflow } from './workflows/shutdown.ts';
import { StartupWorkflow } from './workflows/startup.ts';

export interface SystemStackProps extends StackProps {
  system: SystemConfig;
}

/** All resources of one system, with its own roles. Systems share nothing, so one cannot touch another. */
export class SystemStack extends Stack {
  constructor(scope: Construct, id: string, props: SystemStackProps) {
    super(scope, id, {
      description: `Lights Out: shuts ${props.system.displayName} down and proves its backup`,
      // A template has room for 1 MB. Indentation would take a third.
      suppressTemplateIndentation: true,
      ...props,
    });
    const { system } = props;
    const names = new ResourceNames(this, system);
    for (const [key, value] of Object.entries(system.tags)) Tags.of(this).add(key, value);
    Tags.of(this).add(ResourceTag.System, system.name);

    const bucket = new EvidenceBucket(this, 'Evidence', system);
    const testSecurity = new TestInstanceSecurity(this, 'TestInstances', system);
    new ServiceDocuments(this, 'Documents', names);
    if (hasLook(system)) new LookDocument(this, 'LookDocument', names);
    if (hasHealthScripts(system)) new HealthDocument(this, 'HealthDocument', names);
    if (system.files.backup !== 'none') new VolumesDocument(this, 'VolumesDocument', names);

    // Values for the environment variables of the functions. A value is absent if the system lacks its resource.
    const told: Partial<Record<EnvironmentVariable, string>> = {
      [EnvironmentVariable.ConfigurationFile]: CONFIGURATION_FILE,
      ...(hasLook(system) ? { [EnvironmentVariable.LookDocument]: names.lookDocument } : {}),
      ...(system.maintenance === undefined
        ? {}
        : { [EnvironmentVariable.MaintenanceDocument]: names.maintenanceDocument }),
      ...(system.services.length === 0
        ? {}
        : { [EnvironmentVariable.ServiceDocument]: names.serviceDocument }),
      ...(hasHealthScripts(system) ? { [EnvironmentVariable.HealthDocument]: names.healthDocument } : {}),
      [EnvironmentVariable.VolumesDocument]: names.volumesDocument,
      [EnvironmentVariable.TestSecurityGroup]: testSecurity.attrGroupId,
      [EnvironmentVariable.StateMachineArn]: names.stateMachineArn(),
      [EnvironmentVariable.StartupArn]: names.startupArn(),
      [EnvironmentVariable.KeepStoppedArn]: names.keepStoppedArn(),
      [EnvironmentVariable.CleanUpArn]: names.cleanUpArn(),
    };
    const makeFunction = (step: FunctionName): StepFunction => {
      const { environment = [], network } = functionFacts(step);
      return new StepFunction(this, `${step.charAt(0).toUpperCase()}${step.slice(1)}`, {
        step,
        environment: {
          [EnvironmentVariable.SystemName]: system.name,
          [EnvironmentVariable.EvidenceBucket]: bucket.bucketName,
          ...Object.fromEntries(
            environment.flatMap((name) => (told[name] === undefined ? [] : [[name, told[name]]])),
          ),
        },
        ...(environment.includes(EnvironmentVariable.ConfigurationFile) ? { configuration: system } : {}),
        permissions: permissionsOf(step, names, bucket.bucketArn),
        ...(network === 'database' ? { network: system.network } : {}),
      });
    };
    // Only the functions of configured steps are deployed.
    const functions: SystemFunctions = Object.fromEntries(
      functionsOf(system).map((step) => [step, makeFunction(step)]),
    );
    const { planner } = functions;
    const apiFunction = functionOf(functions, 'api');

    guardEvidence(bucket, functionOf(functions, 'report').ownRole);
    onlyWrittenBy(bucket, 'requests', planner === undefined ? [apiFunction] : [apiFunction, planner]);
    onlyWrittenBy(bucket, 'answers', [apiFunction]);

    const stateMachine = new ShutdownWorkflow(this, 'Shutdown', {
      system,
      names,
      functions,
      // CDK's types do not fit exactOptionalPropertyTypes.
      evidence: bucket as IBucket,
    });
    const startup = new StartupWorkflow(this, 'Startup', {
      system,
      names,
      functions,
      evidence: bucket as IBucket,
    });
    const schedules = new Schedules(this, 'Schedules', { system, planner });
    const api = new OperatorApi(this, 'OperatorApi', { handler: apiFunction, system });
    const keepStopped = new KeepStoppedWorkflow(this, 'KeepStopped', {
      name: names.keepStopped,
      system: system.name,
      functions,
    });
    const cleanUp = new CleanUpWorkflow(this, 'CleanUp', {
      name: names.cleanUp,
      system,
      functions,
    });
    const watch = new Watch(this, 'Watching', {
      system,
      stateMachines: [stateMachine, startup],
      watch: functionOf(functions, 'watch'),
      tidy: functionOf(functions, 'tidy'),
    });
    new SavedQueries(this, 'Queries', {
      system: system.name,
      logGroups: Object.values(functions).map(({ logGroup }) => logGroup),
    });
    new Alarms(this, 'Alarms', {
      system,
      stateMachine,
      startup,
      keepStopped,
      cleanUp,
      planner,
      missedStarts: schedules.deadLetters,
      unheard: watch.deadLetters,
    });

    new CfnOutput(this, 'StateMachineArn', {
      value: stateMachine.stateMachineArn,
      description: 'Start an execution with input {} to shut the system down',
    });
    new CfnOutput(this, 'StartupArn', {
      value: startup.stateMachineArn,
      description: 'Start an execution with input {} to bring the system back',
    });
    new CfnOutput(this, 'EvidenceBucketName', {
      value: bucket.bucketName,
      description: 'Locks, evidence and reports',
    });
    new CfnOutput(this, 'OperatorApiUrl', { value: api.url, description: 'Operator API, signed by IAM' });
  }
}
