import type { SystemConfig } from '../contract/config.ts';
import { messageOf } from '../contract/errors.ts';
import { pause } from '../contract/pause.ts';
import { log } from '../runtime/log.ts';
import { isChannelRefusal, isTemporary, type Notice, pauseBefore, type Recipient } from './channel.ts';
import { recipientsOf } from './recipients.ts';

export interface SendResult {
  /** Messages that their channel accepted. */
  sent: number;
  /** Messages that it refused. */
  refused: number;
  /** Recipients served, accepted or refused. All of them, unless the sending ended early. */
  served: number;
}

export interface SendOptions {
  /** Waits before each message: {@link paced}. Default: no pause between messages. */
  pace?: () => Promise<void>;
  /**
   * The caller can go on later, so a channel stops at the first message that it cannot take just now. Default false: the channel tries a
   * few times, then goes on with the next recipient.
   */
  resumable?: boolean;
  /**
   * Nothing else tells these people, so a message refused to everybody is an error and raises an alarm. Default false: the refusal is only
   * logged.
   */
  required?: boolean;
}

/**
 * Tries for one message while its channel is throttling or down, and the pause between them in milliseconds. The SDK makes three tries of
 * its own each time.
 */
const TRIES = 3;
const PAUSE_MILLISECONDS = 1_000;

/** The longest pause within a call that a receiver may ask for, in milliseconds. The functions that tell have two minutes. */
const LONGEST_PAUSE_MILLISECONDS = 10_000;

/** Limits the messages a second over all lists of one sender. */
export function paced(ratePerSecond: number): () => Promise<void> {
  const gap = 1000 / ratePerSecond;
  let earliest = 0;
  return async () => {
    await pause(earliest - Date.now());
    earliest = Date.now() + gap;
  };
}

/** What `sendNotice` tells, and to whom. */
export interface Sending extends Omit<Notice, 'occurrence'> {
  /** Default: the time that the notice is about. */
  occurrence?: string;
}

/**
 * Tells an audience by every channel that reaches it. One channel's failure does not stop another channel. A refused recipient is logged by
 * channel and position, never by address, and the others are told.
 *
 * @throws the error of a channel that is busy, down or not allowed (with `required` also of one that refuses), if nobody could be served:
 * the workflow tries again.
 */
export async function sendNotice(
  config: SystemConfig,
  { kind, facts, audience, occurrence = facts.at ?? '' }: Sending,
  options: SendOptions = {},
): Promise<SendResult> {
  return await deliver({ kind, facts, audience, occurrence }, recipientsOf(config, audience), options);
}

/** Delivers to some of an audience, for a caller that delivers to the others later. @throws as {@link sendNotice}. */
export async function deliver(
  notice: Notice,
  recipients: Recipient[],
  options: SendOptions = {},
): Promise<SendResult> {
  const channels = [...new Set(recipients.map(({ channel }) => channel))];
  const rounds = await Promise.all(
    channels.map((channel) =>
      byOneChannel(
        notice,
        recipients.filter((recipient) => recipient.channel === channel),
        options,
      ),
    ),
  );
  const sum = (part: keyof SendResult): number =>
    rounds.reduce((total, { result }) => total + result[part], 0);
  const result = { sent: sum('sent'), refused: sum('refused'), served: sum('served') };
  if (result.sent === 0 && recipients.length > 0) {
    const failures = rounds.flatMap(({ failure }) => (failure === undefined ? [] : [failure.error]));
    // A failure that may pass is the first that the caller has to know.
    const worst = failures.find((error) => !isChannelRefusal(error)) ?? failures[0];
    if (options.required === true || !isChannelRefusal(worst)) throw worst;
  }
  return result;
}

async function byOneChannel(
  notice: Notice,
  recipients: Recipient[],
  { pace, resumable = false }: SendOptions,
): Promise<{ result: SendResult; failure?: { error: unknown } }> {
  const result: SendResult = { sent: 0, refused: 0, served: 0 };
  let failure: { error: unknown } | undefined;
  for (const recipient of recipients) {
    await pace?.();
    try {
      await withPatience(notice, recipient, resumable ? 1 : TRIES);
      result.sent += 1;
    } catch (error) {
      failure = { error };
      if (resumable && isTemporary(error)) break;
      result.refused += 1;
      log('warn', 'notice: a recipient was not told', {
        kind: notice.kind,
        audience: notice.audience,
        recipient: recipient.label,
        reason: redactAddresses(messageOf(error)),
      });
    }
    result.served += 1;
  }
  return { result, ...(failure === undefined ? {} : { failure }) };
}

async function withPatience(notice: Notice, recipient: Recipient, tries: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await recipient.deliver(notice);
      return;
    } catch (error) {
      if (attempt >= tries || !isTemporary(error)) throw error;
      const wait = pauseBefore(error, PAUSE_MILLISECONDS * attempt);
      await pause(Math.min(wait, LONGEST_PAUSE_MILLISECONDS));
    }
  }
}

/** Mail addresses are personal data: they stay out of the logs. */
function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"']+@[^\s<>"']+/g, '<address>');
}
