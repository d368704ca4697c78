import { ArnFormat, Fn, type Stack } from 'aws-cdk-lib';
import type { SystemConfig } from '../functions/contract/config.ts';
import { RESOURCE_PREFIX } from '../functions/contract/keys.ts';
import { MACHINE_SUFFIX } from '../functions/contract/run-kinds.ts';

/**
 * Names and ARNs of the resources that a system's stack makes or uses. A name is fixed if a policy must know the resource before it exists:
 * a state machine whose functions may describe its executions. ARNs hold the partition, so that China works.
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
    return `LightsOut-${this.system.name}-${MACHINE_SUFFIX.shutdown}`;
  }

  get startup(): string {
    return `LightsOut-${this.system.name}-${MACHINE_SUFFIX.startup}`;
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

  get healthDocument(): string {
    return `LightsOut-${this.system.name}-Health`;
  }

  stateMachineArn(): string {
    return this.machineArn(this.stateMachine);
  }

  startupArn(): string {
    return this.machineArn(this.startup);
  }

  keepStoppedArn(): string {
    return this.machineArn(this.keepStopped);
  }

  cleanUpArn(): string {
    return this.machineArn(this.cleanUp);
  }

  machineArn(machine: string): string {
    return this.arn('states', 'stateMachine', machine, ArnFormat.COLON_RESOURCE_NAME);
  }

  executionsArn(): string {
    return this.executionsOf(this.stateMachine);
  }

  /** Executions of the shutdown, of the start-up and of CleanUp: each may hold the lock. */
  executionsArns(): string[] {
    return [this.stateMachine, this.startup, this.cleanUp].map((machine) => this.executionsOf(machine));
  }

  executionsOf(machine: string): string {
    return this.arn('states', 'execution', `${machine}:*`, ArnFormat.COLON_RESOURCE_NAME);
  }

  /** Executions of the distributed Maps: `<machine>/<label>:<id>`. */
  mapExecutionsOf(machine: string): string {
    return this.arn('states', 'execution', `${machine}/*`, ArnFormat.COLON_RESOURCE_NAME);
  }

  documentArn(name: string): string {
    return this.arn('ssm', 'document', name, ArnFormat.SLASH_RESOURCE_NAME);
  }

  /** The ARN of a document that AWS owns holds no account. */
  awsDocumentArn(name: string): string {
    return this.stack.formatArn({ service: 'ssm', account: '', resource: 'document', resourceName: name });
  }

  /**
   * ARNs of the servers, in the shortest form that CloudFormation takes. A template has room for 1 MB, and several roles name each server.
   */
  serverArns(): string[] {
    this.#servers ??= this.system.servers.map(({ instanceId }) =>
      Fn.sub(`arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:instance/${instanceId}`),
    );
    return this.#servers;
  }

  /** EC2's volumes. Their ids are unknown before a run. */
  volumesArn(): string {
    return this.arn('ec2', 'volume', '*', ArnFormat.SLASH_RESOURCE_NAME);
  }

  /** EBS snapshots. Their ARNs hold no account. */
  volumeSnapshotsArn(): string {
    return this.stack.formatArn({ service: 'ec2', account: '', resource: 'snapshot', resourceName: '*' });
  }

  /** The CRM's own DB instance or DB cluster. */
  databaseArn(): string {
    const { kind, identifier } = this.system.database;
    return this.rdsArn(kind === 'cluster' ? 'cluster' : 'db', identifier);
  }

  /** Only the test instances of this system's runs. */
  testInstancesArn(): string {
    return this.rdsArn('db', `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  /** Only the test clusters of this system's runs. */
  testClustersArn(): string {
    return this.rdsArn('cluster', `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  snapshotsArn(): string {
    const type = this.system.database.kind === 'cluster' ? 'cluster-snapshot' : 'snapshot';
    return this.rdsArn(type, `${RESOURCE_PREFIX}-${this.system.name}-*`);
  }

  /** Aurora global databases. Their ARNs hold no Region. */
  globalClustersArn(): string {
    return this.stack.formatArn({
      service: 'rds',
      region: '',
      resource: 'global-cluster',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** A database user in the form of IAM, on any instance of the account: each test instance has a new id. */
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

  /** The sender's own identity and its domain's, since SES checks the verified one. Empty without a sender. */
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
 * Escapes a policy's wildcards in a name. The part of an address before the `@` may hold them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
function literally(name: string): string {
  return name.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}
