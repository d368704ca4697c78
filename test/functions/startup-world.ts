import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, StartDBInstanceCommand } from '@aws-sdk/client-rds';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import type { StartupPlan } from '../../functions/contract/startup-state.ts';
import type { RunContext } from '../../functions/contract/state.ts';
import { AwsWorld } from './aws-world.ts';
import { askedInstances, awsError, RUN_ID, runContext, system } from './fixtures.ts';

/** The shutdown that has put the system away. */
export const SHUTDOWN = '20261125-1330-1a2b3c4d';
export const SHUTDOWN_FOLDER = `runs/crm/${SHUTDOWN}`;
/** Evidence of the start-up of `execution`. */
export const STARTUP_FOLDER = `runs/crm/${RUN_ID}`;

const [WEB_1, APP_1] = system().servers.map(({ instanceId }) => instanceId) as [string, string];

export { APP_1, WEB_1 };

/** The context of the start-up that `execution` is. */
export const startupRun = (changes: Partial<RunContext> = {}): RunContext =>
  runContext({ action: 'startup', at: '2026-11-27T13:30:00.000Z', requester: 'unknown', ...changes });

/** The plan of a start-up that brings both servers and the service back, and compares. */
export function startupPlan(changes: Partial<StartupPlan> = {}): StartupPlan {
  const { servers, services } = system();
  return {
    shutdown: { run: SHUTDOWN, verified: true, outAt: '2026-11-25T14:00:00.000Z' },
    database: 'stopped',
    servers: servers.map(({ name, instanceId }) => ({ name, instanceId, state: 'stopped', comesUp: true })),
    services: services.map(({ name, server }) => ({ name, server })),
    confirm: { policy: 'full', manifestOf: `${SHUTDOWN_FOLDER}/manifest-source.json` },
    warnings: [],
    reasons: [],
    ...changes,
  };
}

/** AWS around a system that a shutdown has put away: everything off, its backup verified. Tests change what they are about. */
export class StartupWorld extends AwsWorld {
  database: string | undefined = 'stopped';
  /** False while RDS names no endpoint. */
  hasEndpoint = true;
  /** States of the servers by instance id. One that is not here is not listed. */
  servers: Record<string, string> = { [WEB_1]: 'stopped', [APP_1]: 'stopped' };
  /** EC2's reason for a server's last change of state. */
  stateReason: Record<string, string> = {};
  /** System and instance status check by instance id. Default: both `ok`. */
  checks: Record<string, [string, string]> = {};
  /** Instance ids whose agent does not answer. */
  readonly silent = new Set<string>();
  /** What EC2 answers to a start of this server, beside starting nothing. */
  refusals: Record<string, Error> = {};
  /** Status of the execution that holds the lock. */
  holder = 'RUNNING';

  constructor(config: Partial<SystemConfigInput> = {}) {
    super();
    this.configure(config);
    this.rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'crm-db' }).callsFake(() => {
      if (this.database === undefined) throw awsError('DBInstanceNotFoundFault', 404);
      const Endpoint = this.hasEndpoint ? { Address: 'crm-db.example', Port: 5432 } : undefined;
      return {
        DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: this.database, Endpoint }],
      };
    });
    this.rds.on(StartDBInstanceCommand, { DBInstanceIdentifier: 'crm-db' }).callsFake(() => {
      if (this.database !== 'stopped') throw awsError('InvalidDBInstanceStateFault');
      this.database = 'starting';
      return {};
    });
    this.ec2.on(DescribeInstancesCommand).callsFake((input) => ({
      Reservations: askedInstances(input)
        .filter((id) => this.servers[id] !== undefined)
        .map((InstanceId) => ({
          Instances: [
            {
              InstanceId,
              State: { Name: this.servers[InstanceId] },
              StateReason: { Message: this.stateReason[InstanceId] },
            },
          ],
        })),
    }));
    this.ec2.on(DescribeInstanceStatusCommand).callsFake(({ InstanceIds }: { InstanceIds: string[] }) => ({
      InstanceStatuses: InstanceIds.map((InstanceId) => {
        const [own, instance] = this.checks[InstanceId] ?? ['ok', 'ok'];
        return { InstanceId, SystemStatus: { Status: own }, InstanceStatus: { Status: instance } };
      }),
    }));
    this.ec2.on(StartInstancesCommand).callsFake(({ InstanceIds }: { InstanceIds: string[] }) => {
      for (const id of InstanceIds) if (this.refusals[id] !== undefined) throw this.refusals[id];
      for (const id of InstanceIds) this.servers[id] = 'pending';
      return {};
    });
    this.ssm.on(DescribeInstanceInformationCommand).callsFake(({ Filters: [{ Values }] }) => ({
      InstanceInformationList: (Values as string[]).map((InstanceId) => ({
        InstanceId,
        PingStatus: this.silent.has(InstanceId) ? 'ConnectionLost' : 'Online',
      })),
    }));
    this.sfn.on(DescribeExecutionCommand).callsFake(() => ({ status: this.holder }));
    this.mark();
    this.certificate();
  }

  /** The mark as the shutdown left it, with changes. */
  mark(changes: object = {}): void {
    this.bucket.put('intent/crm', {
      wanted: 'off',
      since: '2026-11-25T15:00:00.000Z',
      by: `run ${SHUTDOWN}`,
      run: { id: SHUTDOWN, executionArn: 'arn:shutdown' },
      stoppedAgain: 0,
      ...changes,
    });
  }

  /** The shutdown's certificate, with changes. */
  certificate(changes: object = {}): void {
    this.bucket.put(`${SHUTDOWN_FOLDER}/certificate.json`, {
      run: { requester: 'unknown' },
      snapshot: { identifier: `lights-out-crm-${SHUTDOWN}`, confirmed: true, verified: true },
      outAt: '2026-11-25T14:00:00.000Z',
      ...changes,
    });
  }

  get databaseStarts(): number {
    return this.rds.commandCalls(StartDBInstanceCommand).length;
  }

  /** Instance ids of each call that asked EC2 for a start. */
  get serverStarts(): string[][] {
    return this.ec2.commandCalls(StartInstancesCommand).map((call) => call.args[0].input.InstanceIds ?? []);
  }
}
