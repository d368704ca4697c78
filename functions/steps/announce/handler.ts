import { GetSendQuotaCommand } from '@aws-sdk/client-ses';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { StartupState } from '../../contract/startup-state.ts';
import type { Announcement } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireNoHold } from '../../guard/holds.ts';
import { requireLock } from '../../guard/lock.ts';
import type { Notice } from '../../notices/channel.ts';
import { tellLate } from '../../notices/late.ts';
import type { NoticeFacts } from '../../notices/notice.ts';
import { mailRecipients, recipientsOf } from '../../notices/recipients.ts';
import { askedBy } from '../../notices/requester.ts';
import { deliver, paced, sendNotice } from '../../notices/send.ts';
import { ses } from '../../runtime/clients.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { log } from '../../runtime/log.ts';
import { defineStep, elapsed, type StepEvent } from '../../runtime/step.ts';
import { type RoomsProgress, tellRooms } from './rooms.ts';
import { dueRound, nextRoundAt, roundsTold, timeToAnnounce } from './rounds.ts';

type State = StateAfter<'inspect', 'run' | 'config' | 'plan' | 'at' | 'approval' | 'announcement'>;

export type AnnounceEvent =
  | StepEvent<'announce', State>
  | StepEvent<'late', Pick<StartupState, 'run' | 'config' | 'wake'>>;

/** The progress between calls, in the state and in the evidence. */
export interface AnnounceProgress extends Announcement, RoomsProgress {
  /** The announced time, ISO 8601: the run's, or later when the approval took long. */
  at: string;
  /** Messages of the round under way that their channels accepted. */
  accepted: number;
  /** Of an emergency: the operators have been told that it begins. */
  operatorsTold?: boolean;
}

/** How long one call sends, in milliseconds. The next call sends the rest. */
const SENDING_MILLISECONDS = 600_000;

/** Mails between two notes of the progress. If a function is lost in between, at most this many mails are sent twice. */
const MAILS_A_NOTE = 10;

/** Seconds between two tries of a room that is down. A wait is a handful of the execution's 25,000 events. */
const ROOM_WAIT_SECONDS = 30;

/**
 * The longest pause, in seconds: within it users hear of a hold that calls the run off. A run announced days ahead is looked at four times a day, which does not
 * fill the history.
 */
const LONGEST_WAIT_SECONDS = { daysAhead: 6 * 3600, soon: 3600 };

/** The announced time is soon when it is no further ahead than this, in seconds. */
const SOON_SECONDS = 48 * 3600;

/**
 * Tells every user the time and the duration, reminds them, and waits for the announced time (`announce`). Tells every user that a start-up
 * will not keep the promised time (`late`).
 *
 * Trigger: the workflow's state "Announce", called again until the time has come, and the start-up's "Tell that it is late". The evidence records the sent mails after every few, so
 * that a repeated call mails no recorded person twice.
 * The lock is looked at first: a run that was cleaned up must not announce a shutdown that does not come.
 * Rejects with `LockLost`, with `Held` when a hold covers the announced time, with `AnnouncementFailed` when no channel accepted any message of a round: nobody would know.
 */
export const handler = defineStep(
  'announce',
  async (event: AnnounceEvent): Promise<AnnounceProgress | { sent: number }> => {
    await requireLock(event.state.run.system, event.execution.id);
    return event.action === 'late' ? tellLate(event.state) : announce(event.state);
  },
);

async function announce(state: State): Promise<AnnounceProgress> {
  const { run, config } = state;
  const leads = config.notices.leadMinutes;
  const key = EvidenceKey.announcement(config.name, run.id);
  const progress = (await readEvidence<AnnounceProgress>(key))?.value ?? begin(state);
  const at = Date.parse(progress.at);
  // Until maintenance mode is on, a hold calls the run off.
  await requireNoHold(run, progress.at);

  if (run.emergency === true && progress.operatorsTold !== true) {
    await tellOperators(state, progress);
    progress.operatorsTold = true;
  }
  const round = dueRound(leads, at, progress.rounds, Date.now());
  if (round !== undefined) {
    // Noted before the first mail. If the bucket accepts no note, nobody is told, rather than everybody again at each try. The note also
    // tells the end of the run that people may have been told, whatever becomes of this call.
    await writeEvidence(key, progress);
    const waitSeconds = await sendRoundOf(state, progress, round, () => writeEvidence(key, progress));
    if (waitSeconds > 0) return { ...progress, done: false, waitSeconds };
    await writeEvidence(key, progress);
  }
  const now = Date.now();
  if (now >= at) return { ...progress, done: true, waitSeconds: 0 };
  const seconds = Math.ceil((nextRoundAt(leads, at, progress.rounds) - now) / 1000);
  const ahead = (at - now) / 1000;
  const longest =
    ahead <= SOON_SECONDS
      ? LONGEST_WAIT_SECONDS.soon
      : Math.min(LONGEST_WAIT_SECONDS.daysAhead, Math.ceil(ahead - SOON_SECONDS));
  return { ...progress, done: false, waitSeconds: Math.min(longest, Math.max(1, seconds)) };
}

/** Whoever needs the system off at once does not wait for a channel that is down. */
async function sendRoundOf(...round: Parameters<typeof sendRound>): Promise<number> {
  const [{ config, run }, progress] = round;
  if (run.emergency !== true) return sendRound(...round);
  try {
    return await sendRound(...round);
  } catch (error) {
    log('error', 'announce: users could not be told of the emergency', { reason: messageOf(error) });
    progress.rounds = [...config.notices.leadMinutes];
    return 0;
  }
}

function begin({ run, config, at, approval, announcement }: State): AnnounceProgress {
  const isFixed = at !== undefined || run.emergency === true;
  const asked = { at: Date.parse(run.at), asked: isFixed, approved: approval !== undefined };
  return {
    done: false,
    waitSeconds: 0,
    since: elapsed(announcement).since,
    sent: 0,
    rounds: [],
    next: 0,
    accepted: 0,
    at: new Date(timeToAnnounce(config.notices.leadMinutes, asked, Date.now())).toISOString(),
  };
}

/**
 * Goes on with a round for as long as one call may take, rooms and mails in parallel.
 * @returns 0 when everybody was served, else the seconds until the next call.
 */
async function sendRound(
  state: State,
  progress: AnnounceProgress,
  round: number,
  note: () => Promise<void>,
): Promise<number> {
  const { config, run } = state;
  const { leadMinutes } = config.notices;
  const kind = progress.rounds.length === 0 ? 'announcement' : 'reminder';
  const notice: Notice = {
    kind,
    facts: noticeFacts(state, progress),
    audience: 'users',
    occurrence: `${progress.at} ${round} minutes before`,
  };
  const [rooms, mails] = await Promise.allSettled([
    tellRooms(config, notice, progress, note),
    sendMails(config, notice, progress, note),
  ]);
  // Each channel has told everybody it could before an error of the other is thrown.
  for (const part of [rooms, mails]) if (part.status === 'rejected') throw part.reason;
  const waitSeconds = !(mails.status === 'fulfilled' && mails.value)
    ? 1
    : !(rooms.status === 'fulfilled' && rooms.value)
      ? ROOM_WAIT_SECONDS
      : 0;
  if (waitSeconds > 0) {
    // The two channels write their notes in parallel, so a last note holds the progress of both.
    await note();
    return waitSeconds;
  }
  if (progress.accepted === 0) {
    throw new LightsOutError(
      ErrorName.AnnouncementFailed,
      `the ${kind} was refused for all ${recipientsOf(config, 'users').length} recipients; expected at least one to be told: ${whatToCheck(config)}. Nothing was touched (run ${run.id})`,
    );
  }
  const told = roundsTold(leadMinutes, Date.parse(progress.at), round, Date.now());
  progress.rounds = [...new Set([...progress.rounds, ...told])];
  progress.next = 0;
  progress.accepted = 0;
  delete progress.rooms;
  delete progress.roomsSince;
  return 0;
}

/** Operators hear of an emergency as it begins. If nobody can be told, it begins all the same. */
async function tellOperators(state: State, progress: AnnounceProgress): Promise<void> {
  const { config, run } = state;
  const facts = { ...noticeFacts(state, progress), ...askedBy(run) };
  try {
    await sendNotice(config, { kind: 'emergency', audience: 'operators', facts }, { required: true });
  } catch (error) {
    log('error', 'announce: the operators could not be told of the emergency', { reason: messageOf(error) });
  }
}

/** True when every mail of the round was accepted or refused. */
async function sendMails(
  config: SystemConfig,
  notice: Notice,
  progress: AnnounceProgress,
  note: () => Promise<void>,
): Promise<boolean> {
  const people = mailRecipients(config, 'users');
  if (progress.next >= people.length) return true;
  const until = Date.now() + SENDING_MILLISECONDS;
  const pace = paced(await sendRate());
  while (progress.next < people.length) {
    const batch = people.slice(progress.next, progress.next + MAILS_A_NOTE);
    const { sent, served } = await deliver(notice, batch, { pace, resumable: true });
    progress.sent += sent;
    progress.accepted += sent;
    progress.next += served;
    if (progress.next < people.length) {
      await note();
      // SES or the clock ended this call early: the next call goes on.
      if (served < batch.length || Date.now() >= until) return false;
    }
  }
  return true;
}

function whatToCheck({ notices }: SystemConfig): string {
  const { from, users, webhooks } = notices;
  return [
    ...(from === undefined || users.length === 0
      ? []
      : [
          `check the sender ${from} in SES, whether the account is in the SES sandbox, and the addresses in notices.users`,
        ]),
    ...webhooks
      .filter(({ audiences }) => audiences.includes('users'))
      .map(({ name }) => `check webhook ${name}: its secret, and what the receiver says`),
  ].join('; ');
}

/** Mails a second that SES accepts (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html); one in its sandbox. */
async function sendRate(): Promise<number> {
  const quota = await ses().send(new GetSendQuotaCommand({}));
  return Math.max(1, quota.MaxSendRate ?? 1);
}

function noticeFacts({ run, config, plan }: State, progress: AnnounceProgress): NoticeFacts {
  return {
    runId: run.id,
    system: config.name,
    displayName: config.displayName,
    timeZone: config.timeZone,
    at: progress.at,
    expectedSeconds: plan.expected.totalSeconds,
    ...(run.verification === 'none' ? { unverified: true } : {}),
    ...(run.emergency === true ? { emergency: true } : {}),
    ...defined({ reason: run.reason, backAt: run.backAt }),
  };
}
