import type { Volume } from '@aws-sdk/client-ec2';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { CommandInFlight } from '../../contract/progress.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import type { TestVolumesResult } from '../../contract/volumes-state.ts';
import { log } from '../../runtime/log.ts';
import { elapsed, progressOf } from '../../runtime/step.ts';
import { readVolumesCommand, sendForVolumes } from './commands.ts';
import { findTestVolumes, isOwn, removeTestVolume, requireOwn } from './test-volumes.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'plan' | 'services' | 'backup' | 'failure' | 'rollback'>;

/** How long the servers may take to unmount the copies of a check, in seconds. */
const RELEASE_SECONDS = 120;

/** A copy that is still detaching after this many seconds is detached by force. */
const FORCE_SECONDS = 300;

/**
 * A roll back begins while a call of the check may still be in flight, at most until its function's time-out. Its volumes appear some
 * seconds later. For this many seconds a roll back looks again before it believes that there is no volume.
 */
const LATE_ARRIVAL_SECONDS = 150;

const POLL_SECONDS = 10;

/** One round of deleting the volumes that this run restored; done only when EC2 no longer lists any. */
export async function deleteTestVolumes(state: State): Promise<TestVolumesResult> {
  const previous = deletionProgress(state);
  const { since, seconds } = elapsed(previous);
  const answer: TestVolumesResult = {
    done: false,
    waitSeconds: lookAgainIn(POLL_SECONDS, seconds),
    since,
    state: 'none',
    commands: previous?.commands ?? [],
    released: previous?.released ?? false,
  };
  const listed = (await findTestVolumes(state)).filter((volume) => volume.State !== 'deleted');
  const volumes = listed.filter((volume) => isOwn(volume, state));
  if (volumes.length === 0) {
    if (mayArriveLate(state) && seconds < LATE_ARRIVAL_SECONDS) return { ...answer, waitSeconds: 15 };
    // Required only now, so that a foreign volume does not keep the run's own volumes.
    for (const volume of listed) requireOwn(volume, state);
    return { ...answer, done: true, waitSeconds: 0, commands: [] };
  }
  answer.state = volumes.map((volume) => `${volume.VolumeId} ${volume.State}`).join(', ');
  if (seconds > DEADLINE_SECONDS.volumeDeletion) {
    throw new LightsOutError(
      ErrorName.TestVolumeNotDeleted,
      `test volumes are left after ${Math.round(seconds / 60)} min: ${answer.state}; expected them gone: detach and delete them by hand, they are copies`,
    );
  }
  const attached = volumes.filter((volume) => (volume.Attachments ?? []).length > 0);
  if (attached.length > 0 && !answer.released)
    return { ...answer, released: true, commands: await release(state, attached) };
  if (answer.commands.length > 0 && seconds < RELEASE_SECONDS) {
    const commands = await stillPending(answer.commands);
    if (commands.length > 0) return { ...answer, commands };
  }
  for (const volume of volumes) await removeTestVolume(volume, state, seconds > FORCE_SECONDS);
  return { ...answer, commands: [] };
}

/**
 * Lets the servers release the copies that an interrupted check left mounted or online. Only copies that EC2 shows as this run's and
 * attached are released. A server that cannot be asked is skipped.
 */
async function release(state: State, volumes: Volume[]): Promise<CommandInFlight[]> {
  const commands: CommandInFlight[] = [];
  for (const server of state.config.servers) {
    const held = volumes.flatMap(({ VolumeId: volumeId, Attachments = [] }) => {
      const attachment = Attachments.find(({ InstanceId }) => InstanceId === server.instanceId);
      return attachment === undefined || volumeId === undefined
        ? []
        : [{ volumeId, device: attachment.Device ?? '' }];
    });
    if (held.length === 0) continue;
    try {
      commands.push(await sendForVolumes(state, { action: 'release', server, volumes: held }));
    } catch (error) {
      if (!(error instanceof LightsOutError)) throw error;
      log('warn', 'volumes: a server could not be asked to release a copy; it is detached all the same', {
        server: server.name,
        reason: messageOf(error),
      });
    }
  }
  return commands;
}

async function stillPending(commands: CommandInFlight[]): Promise<CommandInFlight[]> {
  const pending: CommandInFlight[] = [];
  for (const command of commands) {
    const answer = await readVolumesCommand(command, ErrorName.TestVolumeNotDeleted);
    if (answer.status === 'pending') pending.push(command);
    if (answer.status === 'failed')
      log('warn', 'volumes: a server did not unmount a copy; it is detached all the same', {
        server: command.server,
        reason: answer.error.message,
      });
  }
  return pending;
}

/** On the way forward every call of the check has answered. In a roll back a call may still be in flight. */
function mayArriveLate({ failure, services, backup }: State): boolean {
  return failure !== undefined && services?.done === true && backup?.testVolumes?.done !== true;
}

/** A roll back begins its own count. */
function deletionProgress({ failure, backup, rollback }: State): TestVolumesResult | undefined {
  return progressOf(failure === undefined ? backup?.testVolumes : rollback?.testVolumes);
}
