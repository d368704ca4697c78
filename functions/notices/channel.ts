import type { Language } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import type { Audience } from '../contract/webhook-config.ts';
import { translateAwsError } from '../runtime/aws-errors.ts';
import type { NoticeFacts, NoticeKind } from './notice.ts';

/** One thing that is told. Each channel composes it in its own form from the same texts. */
export interface Notice {
  kind: NoticeKind;
  facts: NoticeFacts;
  audience: Audience;
  /**
   * Tells two notices of one kind and run apart, e.g. two reminders: the same for each try to tell the same. A receiver that takes a repeated
   * message for the one before drops it.
   */
  occurrence: string;
}

/** One address that a notice is delivered to: a person's mailbox, or a room. */
export interface Recipient {
  /** Deliveries of one channel follow each other; different channels do not wait for each other. */
  channel: string;
  /** For logs: a position or a configured name, never an address. */
  label: string;
  languages: Language[];
  /**
   * Resolves when the channel's own word of success was read.
   *
   * @throws LightsOutError `ChannelUnavailable` when a later try may succeed, `ChannelRefused` when it cannot; of mail, what SES answers.
   */
  deliver(notice: Notice): Promise<void>;
}

/** A channel is busy or down just now. */
export class ChannelUnavailableError extends LightsOutError {
  /** When the receiver asks to be tried again, in seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: { retryAfterSeconds?: number | undefined; cause?: unknown } = {}) {
    super(ErrorName.ChannelUnavailable, message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Throttled, 5xx or no answer: the same message may well be accepted a little later. */
export function isTemporary(error: unknown): boolean {
  const { name } = translateAwsError(error);
  return name === ErrorName.AwsTemporarilyUnavailable || name === ErrorName.ChannelUnavailable;
}

/** What SES and webhooks say about the message or the account; trying the same again changes nothing. */
export function isChannelRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    [
      'MessageRejected',
      'MailFromDomainNotVerifiedException',
      'AccountSendingPausedException',
      'InvalidParameterValue',
      ErrorName.ChannelRefused,
    ].includes(error.name)
  );
}

/** How long to wait before the next try, in milliseconds: what the receiver asks for, else `otherwise`. */
export function pauseBefore(error: unknown, otherwise: number): number {
  const asked = error instanceof ChannelUnavailableError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? otherwise : asked * 1000;
}
