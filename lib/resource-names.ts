import { ArnFormat, Fn, type Stack } from 'aws-cdk-lib';
import type { SystemConfig } from '../functions/contract/config.ts';
import { RESOURCE_PREFIX } from '../functions/contract/keys.ts';

/**
 * Names and ARNs of what a system's stack makes or acts on. Names are fixed where a policy must know a resource before it exists
 * (a state machine whose functions may describe its executions); ARNs carry the partition, so that China works.
 */
export class ResourceNames {
  readonly stack: Stack;
  readonly system: SystemConfig;
  #servers: string[] | undefined;

  constructor(stack: Stack, system: SystemConfig) {
    this.stack = stack;
    this.system = system;
  }

  get stateMachine(): string {
    return `LightsOut-${this.system.name}-Shutdown`;
  }

  get keepStopped(): string {
    return `LightsOut-${this.system.name}-KeepStopped`;
  }

  get cleanUp(): string {
    return `LightsOut-${this.system.name}-CleanUp`;
  }

  get serviceDocument(): string {
    return `LightsOut-${this.system.name}-Services`;
  }

  get maintenanceDocument(): string {
    return `LightsOut-${this.system.name}-Maintenance`;
  }

  get lookDocument(): string {
    return `LightsOut-${this.system.name}-Look`;
  }

  get volumesDocument(): string {
    return `LightsOut-${this.system.name}-Volumes`;
  }

  stateMachineArn(): string {
    return this.arn('states', 'stateMachine', this.stateMachine, ArnFormat.COLON_RESOURCE_NAME);
  }

  keepStoppedArn(): string {
    return this.arn('states', 'stateMachine', this.keepStopped, ArnFormat.COLON_RESOURCE_NAME);
  }

  cleanUpArn(): string {
    return this.arn('states', 'stateMachine', this.cleanUp, ArnFormat.COLON_RESOURCE_NAME);
  }

  executionsArn(): string {
    return this.executionsOf(this.stateMachine);
  }

  /** Those of the shutdown, and those that clean up after one: either may hold the lock. */
  executionsArns(): string[] {
    return [this.stateMachine, this.cleanUp].map((machine) => this.executionsOf(machine));
  }

  private executionsOf(machine: string): string {
    return this.arn('states', 'execution', `${machine}:*`, ArnFormat.COLON_RESOURCE_NAME);
  }

  /** Executions that the state machine's distributed Maps start: `<machine>/<label>:<id>`. */
  mapExecutionsArn(): string {
    return this.arn('states', 'execution', `${this.stateMachine}/*`, ArnFormat.COLON_RESOURCE_NAME);
  }

  documentArn(name: string): string {
    return this.arn('ssm', 'document', name, ArnFormat.SLASH_RESOURCE_NAME);
  }

  /** A document that AWS owns has no account in its ARN. */
  awsDocumentArn(name: string): string {
    return this.stack.formatArn({ service: 'ssm', account: '', resource: 'document', resourceName: name });
  }

  /** Always the same texts. As short as CloudFormation takes them: a template has room for 1 MB, and several roles name each server. */
  serverArns(): string[] {
    this.#servers ??= this.system.servers.map(({ instanceId }) =>
      Fn.sub(`arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:instance/${instanceId}`),
    );
    return this.#servers;
  }

  /** Of EC2's volumes: their ids are not known before a run. */
  volumesArn(): string {
    return this.arn('ec2', 'volume', '*', ArnFormat.SLASH_RESOURCE_NAME);
  }

  /** Of EBS snapshots, whose ARNs hold no account. */
  volumeSnapshotsArn(): string {
    return this.stack.formatArn({ service: 'ec2', account: '', resource: 'snapshot', resourceName: '*' });
  }

  /** The CRM's own DB instance or DB cluster. */
  databaseArn(): string {
    const { kind, identifier } = this.system.database;
    return this.rdsArn(kind === 'cluster' ? 'cluster' : 'db', identifier);
  }

  /** The test instances of this system's runs, and no other instance. */
  testInstancesArn(): string {
    return this.rdsArn('db', `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  /** The test clusters of this system's runs, and no other cluster. */
  testClustersArn(): string {
    return this.rdsArn('cluster', `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  snapshotsArn(): string {
    const type = this.system.database.kind === 'cluster' ? 'cluster-snapshot' : 'snapshot';
    return this.rdsArn(type, `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  /** Aurora global databases, which belong to no Region. */
  globalClustersArn(): string {
    return this.stack.formatArn({
      service: 'rds',
      region: '',
      resource: 'global-cluster',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** A database user as IAM knows it, on whatever instance of the account: test instances get an id of their own each time. */
  databaseUserArn(user: string): string {
    return this.arn('rds-db', 'dbuser', `*/${user}`, ArnFormat.COLON_RESOURCE_NAME);
  }

  /** KMS keys of the account, whatever their ids. */
  keysArn(): string {
    return this.arn('kms', 'key', '*', ArnFormat.SLASH_RESOURCE_NAME);
  }

  /** The account itself, as a principal. */
  accountArn(): string {
    return this.stack.formatArn({ service: 'iam', region: '', resource: 'root' });
  }

  rdsArn(resource: string, name: string): string {
    return this.arn('rds', resource, name, ArnFormat.COLON_RESOURCE_NAME);
  }

  /** The sender's own identity and its domain's: SES checks the one that is verified. None without a sender. */
  senderArns(): string[] {
    const address = this.system.notices.from;
    if (address === undefined) return [];
    const domain = address.slice(address.indexOf('@') + 1);
    return [address, domain].map((identity) =>
      this.arn('ses', 'identity', literally(identity), ArnFormat.SLASH_RESOURCE_NAME),
    );
  }

  private arn(service: string, resource: string, resourceName: string, arnFormat: ArnFormat): string {
    return this.stack.formatArn({ service, resource, resourceName, arnFormat });
  }
}

/**
 * A name in which a policy's wildcards stand for themselves: the part of an address before the `@` may hold them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
function literally(name: string): string {
  return name.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}
