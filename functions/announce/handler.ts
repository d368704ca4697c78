import { GetSendQuotaCommand } from '@aws-sdk/client-ses';
import { ses } from '../shared/aws/clients.ts';
import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { Announcement, ShutdownState } from '../shared/contract/state.ts';
import type { NoticeFacts } from '../shared/notices/notice.ts';
import { sendNotice } from '../shared/notices/send.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';
import { dueRound, nextRoundAt } from './rounds.ts';

export type AnnounceEvent = StepEvent<'announce', 'run' | 'config' | 'plan' | 'announcement'>;

/** How long one call sends, in seconds; the rest is for the next call. */
const SENDING_SECONDS = 60;

/** The longest pause, in seconds: a run announced days ahead is looked at once an hour. */
const LONGEST_WAIT_SECONDS = 3600;

/**
 * Tells every user the time and how long, reminds them, and waits for the announced time.
 *
 * Trigger: the workflow's state "Announce", called again until the time has come. What was sent is stored in the evidence
 * bucket after each batch, so that a repeated call mails nobody twice whom it knows to be told.
 * Rejects with `AnnouncementFailed` when SES accepted no mail of the first round at all: nobody would know.
 */
export const handler = defineStep('announce', async (event: AnnounceEvent): Promise<Announcement> => {
  const { run, config } = event.state;
  const { since } = elapsed(event.state.announcement);
  const key = EvidenceKey.announcement(config.name, run.id);
  const stored = (await readEvidence<Announcement>(key))?.value;
  const progress: Announcement = stored ?? {
    done: false,
    waitSeconds: 0,
    since,
    sent: 0,
    rounds: [],
    next: 0,
  };

  const now = Date.now();
  const round = dueRound(config.notices.leadMinutes, run, progress.rounds, now);
  if (round !== undefined) {
    await sendRound(event.state, progress, round);
    await writeEvidence(key, progress);
    if (progress.next > 0) return { ...progress, done: false, waitSeconds: 1 };
  }
  const at = Date.parse(run.at);
  if (Date.now() >= at) return { ...progress, done: true, waitSeconds: 0 };
  const next = Math.min(nextRoundAt(config.notices.leadMinutes, run, progress.rounds) ?? at, at);
  const waitSeconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil((next - Date.now()) / 1000)));
  return { ...progress, done: false, waitSeconds };
});

/** Sends the round's next batch; `progress.next` is 0 when the round is complete. */
async function sendRound(
  state: Pick<ShutdownState, 'run' | 'config' | 'plan'>,
  progress: Announcement,
  round: number,
): Promise<void> {
  const { config, run } = state;
  const first = progress.rounds.length === 0;
  const batch = config.notices.users.slice(progress.next, progress.next + (await batchSize()));
  const { sent, refused } = await sendNotice(
    config,
    first ? 'announcement' : 'reminder',
    noticeFacts(state),
    batch,
  );
  progress.sent += sent;
  progress.next += batch.length;
  if (progress.next < config.notices.users.length) return;
  if (first && progress.sent === 0) {
    throw new LightsOutError(
      ErrorName.AnnouncementFailed,
      `none of ${config.notices.users.length} users could be told (SES refused ${refused} mails in the last batch); expected at least one: ` +
        `check the sender ${config.notices.from} in SES, its sandbox and the addresses in notices.users. Nothing was touched (run ${run.id})`,
    );
  }
  // A round that was due at the same time as this one (a late start) is told by the same mail.
  const lead = (Date.parse(run.at) - Date.now()) / 60_000;
  const merged = config.notices.leadMinutes.filter((minutes) => minutes === round || minutes >= lead);
  progress.rounds = [...new Set([...progress.rounds, ...merged])];
  progress.next = 0;
}

/** Mails in one call: what SES's rate allows in the time (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html). */
async function batchSize(): Promise<number> {
  const quota = await ses().send(new GetSendQuotaCommand({}));
  return Math.max(1, Math.floor((quota.MaxSendRate ?? 1) * SENDING_SECONDS));
}

function noticeFacts({ run, config, plan }: Pick<ShutdownState, 'run' | 'config' | 'plan'>): NoticeFacts {
  return {
    runId: run.id,
    system: config.name,
    displayName: config.displayName,
    timeZone: config.timeZone,
    at: run.at,
    expectedSeconds: plan.expected.totalSeconds,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
  };
}
