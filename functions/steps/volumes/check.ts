import type { Volume } from '@aws-sdk/client-ec2';
import { sourceOf } from '../../aws/volumes/test-volumes.ts';
import type { Server } from '../../contract/config.ts';
import { ErrorName } from '../../contract/errors.ts';
import type { ShutdownState } from '../../contract/state.ts';
import type { VolumeCheck } from '../../contract/volumes-state.ts';
import { elapsed } from '../../runtime/step.ts';
import { readingSeconds, readVolumesCommand, sendForVolumes } from './commands.ts';
import { attachTestVolume, createTestVolume, impossible, removeTestVolume } from './test-volumes.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan'>;

/** How long a copy may take to be restored and attached, or to be detached and deleted, in seconds. */
const MOVING_SECONDS = 30 * 60;

/** A copy that is still detaching after this many seconds is detached by force. */
const FORCE_SECONDS = 300;

/** Seconds that a command takes beside the reading: delivery, start of the shell, the device's appearance. */
const COMMAND_SECONDS = 180;

const POLL_SECONDS = 5;

/** One round of one volume: restored → attached and read → removed. @param copies this run's copies, as EC2 lists them now. */
export async function checkVolume(state: State, check: VolumeCheck, copies: Volume[]): Promise<VolumeCheck> {
  const copy = copies.find((volume) => sourceOf(volume) === check.volumeId);
  const { seconds } = elapsed({ since: check.phaseSince });
  switch (check.phase) {
    case 'waiting':
      return restore(state, enter(check, 'restore'), copy, 0);
    case 'restore':
      return restore(state, check, copy, seconds);
    case 'read':
      return read(state, check, seconds);
    case 'remove':
      return remove(state, check, copy, seconds);
    default:
      return check;
  }
}

/** Seconds until the next useful look. The longer a reading takes, the rarer the looks. */
export function waitOf(check: VolumeCheck): number {
  if (check.phase !== 'read') return POLL_SECONDS;
  const { seconds } = elapsed({ since: check.phaseSince });
  return Math.ceil(Math.min(60, Math.max(POLL_SECONDS, seconds * 0.1)));
}

async function restore(
  state: State,
  check: VolumeCheck,
  listed: Volume | undefined,
  seconds: number,
): Promise<VolumeCheck> {
  const checker = serverOf(state, check.checker);
  const name = `the copy of ${check.volumeId}`;
  const planned = state.plan.files?.servers
    .flatMap((server) => server.volumes)
    .find((volume) => volume.volumeId === check.volumeId);
  const copy =
    listed ??
    (await createTestVolume(state, {
      sourceVolumeId: check.volumeId,
      snapshotId: check.snapshotId,
      availabilityZone: zoneOf(state, checker),
      sourceTags: planned?.tags,
    }));
  if (seconds > MOVING_SECONDS)
    throw impossible(
      name,
      `it is ${copy === 'not yet' ? 'not to be had' : `"${copy.State}"`} after ${Math.round(seconds / 60)} min`,
    );
  if (copy === 'not yet') return check;
  const now = { ...check, ...(copy.VolumeId === undefined ? {} : { testVolumeId: copy.VolumeId }) };
  if (planned?.encrypted === true && copy.Encrypted === false)
    throw impossible(name, 'it is not encrypted, though its source is');
  const [attachment] = copy.Attachments ?? [];
  switch (copy.State) {
    case 'creating':
      return now;
    case 'available':
      await attachTestVolume(copy, checker);
      return now;
    case 'in-use':
      break;
    default:
      throw impossible(
        name,
        `it is "${copy.State}" (look at its KMS key if it is encrypted with one of yours)`,
      );
  }
  if (attachment?.InstanceId !== checker.instanceId)
    throw impossible(name, `somebody attached it to ${attachment?.InstanceId}`);
  if (attachment.State !== 'attached') return now;
  const command = await sendForVolumes(state, {
    action: 'check',
    server: checker,
    volumes: [{ volumeId: copy.VolumeId ?? '', device: attachment.Device ?? '' }],
  });
  return { ...enter(now, 'read'), command };
}

async function read(state: State, check: VolumeCheck, seconds: number): Promise<VolumeCheck> {
  if (check.command === undefined) return enter(check, 'restore');
  const answer = await readVolumesCommand(check.command, ErrorName.VolumeCheckImpossible);
  if (answer.status === 'failed') throw answer.error;
  if (answer.status === 'pending') {
    if (seconds > readingSeconds(state.config, 1) + COMMAND_SECONDS)
      throw impossible(
        `the copy of ${check.volumeId}`,
        `server ${check.checker} has not read it within ${Math.round(seconds / 60)} min (files.checkTimeoutMinutes)`,
      );
    return check;
  }
  const reading = answer.readings.find((each) => each.volumeId === check.testVolumeId);
  if (reading === undefined)
    throw impossible(`the copy of ${check.volumeId}`, `server ${check.checker} said nothing of it`);
  const { command: _command, ...read } = enter(check, 'remove');
  return { ...read, reading };
}

async function remove(
  state: State,
  check: VolumeCheck,
  copy: Volume | undefined,
  seconds: number,
): Promise<VolumeCheck> {
  if (copy === undefined || copy.State === 'deleting' || copy.State === 'deleted')
    return enter(check, 'done');
  if (seconds > MOVING_SECONDS)
    throw impossible(
      `the copy ${copy.VolumeId} of ${check.volumeId}`,
      `it is still "${copy.State}" after ${Math.round(seconds / 60)} min, so the next cannot be attached`,
    );
  await removeTestVolume(copy, state, seconds > FORCE_SECONDS);
  return check;
}

function enter(check: VolumeCheck, phase: VolumeCheck['phase']): VolumeCheck {
  return { ...check, phase, phaseSince: new Date(Date.now()).toISOString() };
}

/** @throws LightsOutError `VolumeCheckImpossible` when the state names a server that the configuration does not. */
export function serverOf({ config }: Pick<State, 'config'>, name: string): Server {
  const server = config.servers.find((candidate) => candidate.name === name);
  if (server !== undefined) return server;
  throw impossible(`server ${name}`, 'systems.ts has none of that name');
}

function zoneOf({ plan }: State, server: Server): string {
  const zone = plan.files?.zones[server.name];
  if (zone !== undefined && zone !== '') return zone;
  throw impossible(`server ${server.name}`, 'its Availability Zone is not in the plan');
}
