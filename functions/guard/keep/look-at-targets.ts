import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import type { KeepInput } from '../../contract/watch.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { log } from '../../runtime/log.ts';

/**
 * RDS may take hours to start a database and refuses a stop meanwhile:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StartInstance.html
 */
const DATABASE_DEADLINE_SECONDS = 24 * 3600;

/** How long EC2 may take to stop the servers, in seconds. */
const SERVERS_DEADLINE_SECONDS = 60 * 60;

/** A terminated server cannot be stopped. */
const OFF = new Set(['stopped', 'terminated']);

/** Errors of a stop request that are no failure: the next look decides. */
const REFUSED = ['IncorrectInstanceState', 'IncorrectState', 'UnsupportedOperation', 'OperationNotPermitted'];

/** A resource that is meant to be off. */
export interface Found {
  /** `database crm-db`, `server web-1`. */
  name: string;
  /** As RDS and EC2 say it. */
  status: string;
  /** Of a server. */
  instanceId?: string;
}

export function isSwitchedOff({ status }: Found): boolean {
  return OFF.has(status);
}

/**
 * Looks at the resources that are meant to be off.
 *
 * @param seconds since the first look.
 * @throws LightsOutError `DatabaseDidNotStop`, `ServerDidNotStop` for a resource that will not stop by waiting.
 */
export async function lookAt(
  config: SystemConfig,
  targets: KeepInput['targets'],
  seconds: number,
): Promise<Found[]> {
  const found: Found[] = [];
  if (targets.includes('database')) {
    const status = await databaseStatus(config, seconds);
    found.push({ name: `database ${config.database.identifier}`, status });
  }
  if (targets.includes('servers')) {
    const states = await serverStates(config);
    const servers = config.servers.map(({ name, instanceId }) => ({
      name: `server ${name}`,
      status: states.get(name) ?? 'terminated',
      instanceId,
    }));
    const on = servers.filter((server) => !isSwitchedOff(server));
    if (on.length > 0 && seconds > SERVERS_DEADLINE_SECONDS) {
      throw new LightsOutError(
        ErrorName.ServerDidNotStop,
        `after ${Math.round(seconds / 60)} min: ${on.map(({ name, status }) => `${name} is "${status}"`).join(', ')}; ` +
          'expected "stopped", as the system is meant to be off: stop it by force in the EC2 console',
      );
    }
    found.push(...servers);
  }
  return found;
}

async function databaseStatus(config: SystemConfig, seconds: number): Promise<string> {
  const kind = databaseKindOf(config);
  const status = await kind.status(config.database.identifier);
  if (status === undefined) throw notStopped(config, 'is not there any more');
  if (kind.terminal.has(status)) throw notStopped(config, `is "${status}", from which RDS does not stop it`);
  if (status !== 'stopped' && seconds > DATABASE_DEADLINE_SECONDS)
    throw notStopped(config, `is still "${status}" after ${Math.round(seconds / 3600)} h`);
  return status;
}

function notStopped(config: SystemConfig, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.DatabaseDidNotStop,
    `database ${config.database.identifier} ${found}; expected "stopped", as the system is meant to be off: see its events in the RDS console, then stop it by hand`,
  );
}

/**
 * Requests the stop of each resource that is on and not stopping. As in the database step, a refusal for the status is no failure. Each
 * server gets a call of its own, so that a refused server keeps no other on.
 */
export async function requestStops(config: SystemConfig, found: Found[]): Promise<void> {
  for (const { status, instanceId, name } of found) {
    if (instanceId !== undefined) {
      if (status === 'running') await requestServerStop(instanceId, name);
    } else if (status !== 'stopping' && status !== 'stopped') {
      await databaseKindOf(config).requestStop(config.database.identifier);
    }
  }
}

async function requestServerStop(instanceId: string, name: string): Promise<void> {
  try {
    await ec2().send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
  } catch (error) {
    if (!isAwsError(error, ...REFUSED)) throw error;
    log('warn', 'keep: a stop was refused; the next look decides', {
      server: name,
      reason: messageOf(error),
    });
  }
}
