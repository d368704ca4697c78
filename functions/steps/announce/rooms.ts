import type { SystemConfig } from '../../contract/config.ts';
import { messageOf } from '../../contract/errors.ts';
import { isTemporary, type Notice } from '../../notices/channel.ts';
import { webhookRecipients } from '../../notices/recipients.ts';
import { log } from '../../runtime/log.ts';

/** The state of the rooms in the current round, and the rooms that missed a round. */
export interface RoomsProgress {
  sent: number;
  accepted: number;
  unreached?: string[];
  /** How each room was settled, by channel. */
  rooms?: Record<string, 'told' | 'refused' | 'gave-up'>;
  /** When the first room was tried in this round, ISO 8601. */
  roomsSince?: string;
}

/** How long one round tries a room that is down, in milliseconds. Afterwards the run goes on without it. */
const PATIENCE_MILLISECONDS = 10 * 60_000;

/**
 * Tells each room that is not settled yet, once. A room is settled when it was told, refused, or given up after ten minutes. Each room is
 * noted as soon as it is settled.
 *
 * @returns whether every room is settled; otherwise the next call tries the others again.
 */
export async function tellRooms(
  config: SystemConfig,
  notice: Notice,
  progress: RoomsProgress,
  note: () => Promise<void>,
): Promise<boolean> {
  const rooms = webhookRecipients(config, 'users');
  if (rooms.length === 0) return true;
  progress.rooms ??= {};
  progress.roomsSince ??= new Date(Date.now()).toISOString();
  const settled = progress.rooms;
  const isLast = Date.now() - Date.parse(progress.roomsSince) >= PATIENCE_MILLISECONDS;
  await Promise.all(
    rooms
      .filter(({ channel }) => settled[channel] === undefined)
      .map(async (room) => {
        try {
          await room.deliver(notice);
          settled[room.channel] = 'told';
          progress.sent += 1;
          progress.accepted += 1;
        } catch (error) {
          const goesOn = isTemporary(error) && !isLast;
          log('warn', `announce: ${room.label} was not told`, {
            kind: notice.kind,
            triedAgain: goesOn,
            reason: messageOf(error),
          });
          if (goesOn) return;
          settled[room.channel] = isTemporary(error) ? 'gave-up' : 'refused';
          progress.unreached = [...new Set([...(progress.unreached ?? []), nameOf(room.channel)])];
        }
      }),
  );
  await note();
  return rooms.every(({ channel }) => settled[channel] !== undefined);
}

const nameOf = (channel: string): string => channel.replace(/^webhook /, '');
