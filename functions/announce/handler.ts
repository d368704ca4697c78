import { GetSendQuotaCommand } from '@aws-sdk/client-ses';
import { ses } from '../shared/aws/clients.ts';
import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { Announcement, ShutdownState } from '../shared/contract/state.ts';
import { requireLock } from '../shared/lock.ts';
import type { NoticeFacts } from '../shared/notices/notice.ts';
import { sendNotice } from '../shared/notices/send.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';
import { dueRound, nextRoundAt, roundsTold, timeToAnnounce } from './rounds.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan'> &
  Partial<Pick<ShutdownState, 'at' | 'approval' | 'announcement'>>;

export type AnnounceEvent = StepEvent<'announce', 'run' | 'config' | 'plan'> & { state: State };

/** What is kept between calls, in the state and in the evidence. */
export interface AnnounceProgress extends Announcement {
  /** The announced time, ISO 8601: the run's, or later when the approval took long. */
  at: string;
  /** Mails of the round under way that SES accepted. */
  accepted: number;
}

/** How long one call sends, in milliseconds; the rest is for the next call. */
const SENDING_MILLISECONDS = 600_000;

/** Mails between two notes of the progress: at most so many are sent twice when a function is lost in between. */
const MAILS_A_NOTE = 10;

/** The longest pause, in seconds: a run announced days ahead is looked at four times a day, which fills no history. */
const LONGEST_WAIT_SECONDS = 6 * 3600;

/**
 * Tells every user the time and how long, reminds them, and waits for the announced time.
 *
 * Trigger: the workflow's state "Announce", called again until the time has come. What was sent is stored in the evidence
 * bucket after every few mails, so that a repeated call mails nobody twice whom it knows to be told.
 * The lock is looked at first: a run that was cleaned up and redriven must not tell anybody of a shutdown that does not come.
 * Rejects with `LockLost`, `CleanUpUnderWay`, with `AnnouncementFailed` when SES accepted no mail of a round at all: nobody would know.
 */
export const handler = defineStep('announce', async (event: AnnounceEvent): Promise<AnnounceProgress> => {
  const { state } = event;
  const { run, config } = state;
  await requireLock(run.system, event.execution.id);
  const leads = config.notices.leadMinutes;
  const key = EvidenceKey.announcement(config.name, run.id);
  const progress = (await readEvidence<AnnounceProgress>(key))?.value ?? begin(state);
  const at = Date.parse(progress.at);

  const round = dueRound(leads, at, progress.rounds, Date.now());
  if (round !== undefined) {
    // Noted before the first mail: a bucket that takes no note lets nobody be told, rather than everybody again at each try; and the end
    // of the run finds in it that people may have been told, whatever becomes of this call.
    await writeEvidence(key, progress);
    const complete = await sendRound(state, progress, round, () => writeEvidence(key, progress));
    if (!complete) return { ...progress, done: false, waitSeconds: 1 };
    await writeEvidence(key, progress);
  }
  const now = Date.now();
  if (now >= at) return { ...progress, done: true, waitSeconds: 0 };
  const seconds = Math.ceil((nextRoundAt(leads, at, progress.rounds) - now) / 1000);
  return { ...progress, done: false, waitSeconds: Math.min(LONGEST_WAIT_SECONDS, Math.max(1, seconds)) };
});

function begin({ run, config, at, approval, announcement }: State): AnnounceProgress {
  const asked = { at: Date.parse(run.at), asked: at !== undefined, approved: approval !== undefined };
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

/** Goes on with a round for as long as one call may take; true when everybody was served. */
async function sendRound(
  state: State,
  progress: AnnounceProgress,
  round: number,
  note: () => Promise<void>,
): Promise<boolean> {
  const { config, run } = state;
  const { users, leadMinutes, from } = config.notices;
  const kind = progress.rounds.length === 0 ? 'announcement' : 'reminder';
  const until = Date.now() + SENDING_MILLISECONDS;
  const ratePerSecond = await sendRate();
  while (progress.next < users.length) {
    const batch = users.slice(progress.next, progress.next + MAILS_A_NOTE);
    const { sent, served } = await sendNotice(config, kind, noticeFacts(state, progress), batch, {
      ratePerSecond,
      resumable: true,
      offset: progress.next,
    });
    progress.sent += sent;
    progress.accepted += sent;
    progress.next += served;
    if (progress.next < users.length) {
      await note();
      // Cut short by SES, or by the clock: the next call goes on.
      if (served < batch.length || Date.now() >= until) return false;
    }
  }
  if (progress.accepted === 0) {
    throw new LightsOutError(
      ErrorName.AnnouncementFailed,
      `SES refused the ${kind} for all ${users.length} recipients; expected at least one to be told: ` +
        `check the sender ${from} in SES, whether the account is in the SES sandbox, and the addresses in notices.users. Nothing was touched (run ${run.id})`,
    );
  }
  const told = roundsTold(leadMinutes, Date.parse(progress.at), round, Date.now());
  progress.rounds = [...new Set([...progress.rounds, ...told])];
  progress.next = 0;
  progress.accepted = 0;
  return true;
}

/** Mails a second that SES takes (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html): one in its sandbox. */
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
    ...(run.reason === undefined ? {} : { reason: run.reason }),
  };
}
