import type { Executions } from '../../play/states/executions.ts';
import type { ServerWorld } from '../../world/servers/world.ts';
import type { EventBus } from './bus.ts';

/** Tells of the servers' states: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
export function emitServers(bus: EventBus, servers: ServerWorld): void {
  servers.onState = ({ arn, instanceId, state }) =>
    bus.emit({
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      resources: [arn],
      detail: { 'instance-id': instanceId, state },
    });
}

/** Tells of executions: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function emitExecutions(bus: EventBus, executions: Executions): void {
  executions.onStatus = ({ arn, machine, name, status, startedAt, endedAt, input, error, cause }) =>
    bus.emit({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [arn],
      detail: {
        executionArn: arn,
        stateMachineArn: machine.arn,
        name,
        status,
        startDate: startedAt,
        stopDate: endedAt ?? null,
        input,
        output: null,
        error: error ?? null,
        cause: cause ?? null,
      },
    });
}
