import { type Invocation, offline, readInvocation, sendToServer } from '../../aws/commands.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { type ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { CommandInFlight } from '../../contract/progress.ts';
import type { RunContext } from '../../contract/state.ts';
import type { PartReading, VolumeReading } from '../../contract/volumes-state.ts';
import { environmentVariable } from '../../runtime/environment.ts';

/** The actions of the volumes' document: see `lib/documents/volumes.sh`. */
export type VolumesAction = 'flush' | 'record' | 'check' | 'release';

export interface VolumesCommand {
  action: VolumesAction;
  server: { name: string; instanceId: string };
  /** Volumes to read or to release, as they are attached. */
  volumes?: { volumeId: string; device: string }[];
}

/** How long the document may take to write buffers out or to unmount, in seconds. */
const SHORT_SECONDS = 120;

/** SSM's longest, in seconds: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html */
const LONGEST_SECONDS = 172_800;

/** How long reading these volumes may take, in seconds. */
export function readingSeconds(config: SystemConfig, volumes: number): number {
  return Math.min(LONGEST_SECONDS, config.files.checkTimeoutMinutes * 60 * Math.max(1, volumes));
}

/** Sends the volumes' document to one server. */
export async function sendForVolumes(
  { run, config }: { run: Pick<RunContext, 'id'>; config: SystemConfig },
  { action, server, volumes = [] }: VolumesCommand,
): Promise<CommandInFlight> {
  const reading = action === 'record' || action === 'check';
  const id = await sendToServer({
    document: environmentVariable(EnvironmentVariable.VolumesDocument),
    instanceId: server.instanceId,
    server: server.name,
    parameters: {
      Action: [action],
      Directory: [`/run/lights-out/${config.name}-${run.id}`],
      ...(volumes.length === 0
        ? {}
        : {
            Volumes: [volumes.map((volume) => `${volume.volumeId}:${shortName(volume.device)}`).join(' ')],
          }),
      ...(reading ? { Contents: [config.files.contents ? 'yes' : 'no'] } : {}),
      TimeoutSeconds: [String(reading ? readingSeconds(config, volumes.length) : SHORT_SECONDS)],
    },
    comment: `${action} volumes of ${config.name} on ${server.name}`,
  });
  return { server: server.name, instanceId: server.instanceId, id };
}

/** `/dev/sdf` → `sdf`. */
function shortName(device: string): string {
  return device.replace(/^\/dev\//, '');
}

/** The outcome of one command. */
export type VolumesAnswer =
  | { command: CommandInFlight; status: 'pending' }
  | { command: CommandInFlight; status: 'succeeded'; readings: VolumeReading[] }
  | { command: CommandInFlight; status: 'failed'; error: LightsOutError };

/**
 * Reads a command in flight.
 * @param failure name of the error of a failed script. A command that never reached its server is `AgentOffline`.
 */
export async function readVolumesCommand(
  command: CommandInFlight,
  failure: ErrorName,
): Promise<VolumesAnswer> {
  const invocation = await readInvocation(command.id, command.instanceId);
  switch (invocation.status) {
    case 'pending':
      return { command, status: 'pending' };
    case 'failed':
      return { command, status: 'failed', error: errorOf(command, invocation, failure) };
    default:
      return { command, status: 'succeeded', readings: readingsOf(invocation.lines) };
  }
}

/**
 * Reads all commands; throws the first failure.
 * @returns the commands still in flight, and the reports of the others.
 */
export async function readVolumesCommands(
  commands: CommandInFlight[],
  failure: ErrorName,
): Promise<{ pending: CommandInFlight[]; readings: VolumeReading[] }> {
  const pending: CommandInFlight[] = [];
  const readings: VolumeReading[] = [];
  for (const command of commands) {
    const answer = await readVolumesCommand(command, failure);
    if (answer.status === 'failed') throw answer.error;
    if (answer.status === 'pending') pending.push(command);
    else readings.push(...answer.readings);
  }
  return { pending, readings };
}

/** The document's lines, gathered by volume. */
export function readingsOf(lines: Record<string, string>[]): VolumeReading[] {
  const readings = new Map<string, VolumeReading>();
  for (const line of lines) {
    const volumeId = line['volume'];
    if (volumeId === undefined) continue;
    const reading = readings.get(volumeId) ?? { volumeId, parts: [] };
    readings.set(volumeId, reading);
    if (line['bytes'] !== undefined) reading.bytes = Number(line['bytes']);
    if (line['part'] !== undefined) reading.parts.push(partOf(line));
  }
  return [...readings.values()];
}

function partOf(line: Record<string, string>): PartReading {
  const { part = '', filesystem, files, size, digest, skipped, failed } = line;
  return {
    part,
    ...defined({ filesystem }),
    ...(files === undefined ? {} : { files: Number(files) }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...defined({ digest, skipped, failed }),
  };
}

function errorOf(command: CommandInFlight, invocation: Invocation, failure: ErrorName): LightsOutError {
  const problem = invocation.problem ?? 'no reason given';
  if (invocation.undelivered === true) return offline(command.server, command.instanceId, problem);
  return new LightsOutError(
    failure,
    `server ${command.server} (${command.instanceId}): ${problem}; expected the script to report its volumes: see command ${command.id} in Systems Manager`,
  );
}
