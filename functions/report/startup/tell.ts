import type { Language, SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { messageOf } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { ReachedStartup, StartupOutcome } from '../../contract/startup-state.ts';
import type { Audience } from '../../contract/webhook-config.ts';
import { tellLate } from '../../notices/late.ts';
import type { NoticeFacts, StartupNoticeKind } from '../../notices/notice.ts';
import { causeText } from '../../notices/outcome.ts';
import { askedBy } from '../../notices/requester.ts';
import { sendNotice } from '../../notices/send.ts';
import { changeEvidence, readEvidence } from '../../runtime/evidence.ts';
import { log } from '../../runtime/log.ts';
import type { StartupCertificate } from './certificate.ts';
import { confirmationInWords, startupNextStep } from './words.ts';

/** What `closed.json` of a start-up holds: each notice once, with the messages that channels accepted. */
type ToldStartup = { outcome: StartupOutcome; told: Partial<Record<StartupNoticeKind, number>> };

/**
 * Notices, by run and kind, that this environment of the function has sent, and that the bucket took no mark of. It must not prevent the
 * telling; this set prevents the telling at every call.
 */
const toldHere = new Map<string, number>();

/**
 * Tells people once how a start-up ended: users that the system is back, or that a promise was not kept; operators the rest. The mark is
 * written after each notice, so that a call that was killed leaves nobody out, and at most repeats one notice. Neither a mark that cannot be
 * read or written nor a notice that nobody takes keeps the other people from being told: twice is better than never.
 *
 * @returns messages that channels accepted, by this call or earlier ones.
 */
export async function tellStartup(
  config: SystemConfig,
  state: ReachedStartup,
  certificate: StartupCertificate,
  reportKey: string,
): Promise<number> {
  const { run, outcome } = certificate;
  if (run.dryRun) return 0;
  const key = EvidenceKey.closed(config.name, run.id);
  const facts = factsOf(config, certificate, reportKey);
  const send = async (kind: StartupNoticeKind, audience: Audience): Promise<number> =>
    // Users may have heard it on the way, or from an earlier start-up.
    kind === 'late'
      ? (await tellLate({ run, config, wake: state.wake })).sent
      : (await sendNotice(config, { kind, audience, facts })).sent;
  let sum = 0;
  for (const { kind, audience } of noticesOf(outcome, state)) {
    const here = `${run.id} ${kind}`;
    const before = (await markedBefore(key, kind)) ?? toldHere.get(here);
    const sent = before ?? (await unlessRefused(kind, () => send(kind, audience)));
    sum += sent;
    if (before === undefined && sent > 0 && !(await mark(key, outcome, { [kind]: sent })))
      toldHere.set(here, sent);
  }
  return sum;
}

/** @returns false when the bucket takes no mark. */
async function mark(
  key: string,
  outcome: StartupOutcome,
  sent: Partial<Record<StartupNoticeKind, number>>,
): Promise<boolean> {
  try {
    await changeEvidence<ToldStartup>(key, (current) => ({ outcome, told: { ...current?.told, ...sent } }));
    return true;
  } catch (error) {
    log('error', 'report: the mark of the sent notices could not be stored', { reason: messageOf(error) });
    return false;
  }
}

/** How many messages an earlier call sent, by the mark. */
async function markedBefore(key: string, kind: StartupNoticeKind): Promise<number | undefined> {
  try {
    return (await readEvidence<ToldStartup>(key))?.value.told[kind];
  } catch (error) {
    log('error', 'report: the mark of the sent notices could not be read', { reason: messageOf(error) });
    return undefined;
  }
}

/** Messages that were sent; none when that failed, which is logged. */
async function unlessRefused(kind: StartupNoticeKind, tell: () => Promise<number>): Promise<number> {
  try {
    return await tell();
  } catch (error) {
    log('error', 'report: nobody could be told', { kind, reason: messageOf(error) });
    return 0;
  }
}

/** Users hear when they can work again, and that a promise will not be kept, unless they have heard it on the way. */
function noticesOf(
  outcome: StartupOutcome,
  { run }: ReachedStartup,
): { kind: StartupNoticeKind; audience: Audience }[] {
  const promised = run?.backAt !== undefined;
  switch (outcome) {
    case 'planned':
      return [];
    case 'succeeded':
      return [
        { kind: 'back', audience: 'users' },
        { kind: 'started-up', audience: 'operators' },
      ];
    case 'already-on':
      return [{ kind: 'already-on', audience: 'operators' }];
    case 'partly-on':
      return [
        { kind: 'partly-on', audience: 'operators' },
        ...(promised ? [{ kind: 'late', audience: 'users' } as const] : []),
      ];
    default:
      return [{ kind: 'startup-not-begun', audience: 'operators' }];
  }
}

/** Whether users may be in although not everything is up: maintenance mode is off, or nobody knows. */
function isOpen({ resources, openedAt }: StartupCertificate): boolean {
  const maintenance = resources.find(({ kind }) => kind === 'maintenance');
  return openedAt !== undefined || (maintenance !== undefined && maintenance.state !== 'on');
}

function factsOf(config: SystemConfig, certificate: StartupCertificate, report: string): NoticeFacts {
  const { run, failure, openedAt, promise, resources, outcome } = certificate;
  const both = (words: (language: Language) => string): Record<Language, string> => ({
    en: words('en'),
    'zh-CN': words('zh-CN'),
  });
  const confirmed = confirmationInWords(certificate, 'en');
  return {
    runId: run.id,
    system: config.name,
    displayName: config.displayName,
    timeZone: config.timeZone,
    at: run.startedAt,
    resources: resources.map(({ name, state }) => ({ name, state })),
    ...askedBy(run),
    ...defined({ reason: run.reason, backAt: promise, openedAt }),
    ...(isOpen(certificate) ? { doorsOpen: true } : {}),
    ...(failure === undefined ? {} : { error: failure.Error, cause: causeText(failure.Cause) }),
    ...(confirmed === undefined
      ? {}
      : { confirmation: both((language) => confirmationInWords(certificate, language) ?? '') }),
    ...(outcome === 'succeeded' || outcome === 'already-on'
      ? {}
      : { nextStep: both((language) => startupNextStep(certificate, config.name, language)) }),
    ...(certificate.warnings.length === 0 ? {} : { problems: certificate.warnings }),
    report,
  };
}
