import type { Language } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import type { Audience } from '../contract/webhook-config.ts';
import { translateAwsError } from '../runtime/aws-errors.ts';
import type { NoticeFacts, NoticeKind } from './notice.ts';

/** A notice to one audience. Each channel composes it in its own form from the same texts. */
export interface Notice {
  kind: NoticeKind;
  facts: NoticeFacts;
  audience: Audience;
  /**
   * Tells two notices of one kind and run apart, e.g. two reminders. Each try to send one notice has the same value, so that a receiver can
   * drop a repeated message.
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
   * Resolves when the channel has confirmed the message.
   *
   * @throws LightsOutError `ChannelUnavailable` when a later try may succeed, `ChannelRefused` when it cannot; for mail, the error of SES.
   */
  deliver(notice: Notice): Promise<void>;
}

/** A channel is busy or down just now. */
export class ChannelUnavailableError extends LightsOutError {
  /** When the receiver asks for the next try, in seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: { retryAfterSeconds?: number | undefined; cause?: unknown } = {}) {
    super(ErrorName.ChannelUnavailable, message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The channel was throttled, answered 5xx or did not answer: it may accept the same message later. */
export function isTemporary(error: unknown): boolean {
  const { name } = translateAwsError(error);
  return name === ErrorName.AwsTemporarilyUnavailable || name === ErrorName.ChannelUnavailable;
}

/** Errors of SES and webhooks about the message or the account. Sending the same again changes nothing. */
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

/** Milliseconds until the next try: the receiver's own wish, else `otherwise`. */
export function pauseBefore(error: unknown, otherwise: number): number {
  const asked = error instanceof ChannelUnavailableError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? otherwise : asked * 1000;
}
