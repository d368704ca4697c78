import type { Language, SystemConfig } from '../contract/config.ts';
import { defined } from '../contract/defined.ts';
import { ErrorName, messageOf } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Outcome, RunContext } from '../contract/state.ts';
import { differenceInWords } from '../notices/difference-words.ts';
import { lastLookInWords } from '../notices/last-look-words.ts';
import { liveInWords } from '../notices/live-words.ts';
import { nextStepInWords } from '../notices/next-step-words.ts';
import { causeText, type OutcomeFacts, sendOutcomeNotices } from '../notices/outcome.ts';
import type { Words } from '../notices/words.ts';
import { failureInChinese } from '../notices/words-zh.ts';
import { readEvidence, writeEvidence } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import { attentionInWords } from './attention.ts';
import type { Certificate } from './certificate.ts';
import { isOutdated, lastLookFacts } from './last-look.ts';
import { nextStepOf } from './next-step.ts';
import { isFailure, isTouched, type ReachedState } from './outcome.ts';

/** What `closed.json` holds. */
export interface Told {
  outcome: Outcome;
  /** Calls that began to tell. */
  calls: number;
  /** Mails that SES accepted. Absent until one was. */
  sent?: number;
}

/** Calls that may try to tell the people. If the mark of a sending cannot be stored, the people are told at most so often. */
const MOST_CALLS = 3;

/**
 * Runs, by id and outcome, that this environment of the function has reported. An unreadable bucket must not prevent the telling. This set
 * prevents the telling at every call.
 */
const toldHere = new Map<string, number>();

/**
 * Tells the people once how the run ended. A mark in the evidence keeps a repeated call from mailing again. The mark is made before the
 * first mail and completed after the last, so a later call makes up for one that was killed in between.
 *
 * @returns mails that SES accepted, by this call or by the earlier call that told.
 */
export async function tell(
  config: SystemConfig,
  state: ReachedState,
  certificate: Certificate,
  reportKey: string,
): Promise<number> {
  const { run, outcome } = certificate;
  if (run.dryRun) return 0;
  const mark = EvidenceKey.closed(config.name, run.id);
  const here = `${run.id} ${outcome}`;
  const begun = await begin(mark, outcome);
  const calls = begun?.calls ?? 0;
  const sentEarlier = begun === undefined ? toldHere.get(here) : begun.sent;
  if (sentEarlier !== undefined || calls > MOST_CALLS) return sentEarlier ?? 0;
  const announced = await mayBeAnnounced(state, run);
  const { sent } = await sendOutcomeNotices(
    noticeFacts(config, state, certificate, { reportKey, announced }),
  );
  if (begun === undefined && sent > 0) toldHere.set(here, sent);
  try {
    // A call in which SES accepted no mail does not count: the next call tries again.
    await writeEvidence(
      mark,
      (sent === 0
        ? { outcome, calls: Math.max(0, calls - 1) }
        : { outcome, calls: Math.max(1, calls), sent }) satisfies Told,
    );
  } catch (error) {
    log('error', 'report: the mark of the sent notices could not be stored', { reason: messageOf(error) });
  }
  return sent;
}

/**
 * Notes that a call begins to tell. Twice is better than never, so an unreadable or unwritable mark delays nothing.
 *
 * @returns the mark with this call in it; undefined when the bucket cannot keep the mark.
 */
async function begin(mark: string, outcome: Outcome): Promise<Told | undefined> {
  try {
    const told = (await readEvidence<Told>(mark))?.value;
    // A later call may see another outcome than the one that was told: then the earlier notice is no longer true.
    const same = told?.outcome === outcome ? told : undefined;
    const begun: Told = { ...same, outcome, calls: (same?.calls ?? 0) + 1 };
    if (begun.sent === undefined && begun.calls <= MOST_CALLS) await writeEvidence(mark, begun);
    return begun;
  } catch (error) {
    log('error', 'report: the notices go out without a mark', { reason: messageOf(error) });
    return undefined;
  }
}

/**
 * Tells whether a user may have been told of the shutdown. If a call of the announcement never answered, the state says nothing, but the
 * evidence holds a note from before the first mail.
 */
async function mayBeAnnounced(state: ReachedState, run: RunContext): Promise<boolean> {
  if (state.announcement !== undefined) return state.announcement.sent > 0;
  if (state.acceptance === undefined || state.failure?.Error === ErrorName.AnnouncementFailed) return false;
  try {
    return (await readEvidence(EvidenceKey.announcement(run.system, run.id))) !== undefined;
  } catch (error) {
    log('error', 'report: the note of the announcement could not be read', { reason: messageOf(error) });
    return true;
  }
}

/** Taken from the state rather than the evidence, so that an unreadable bucket makes no mail say "not verified". */
function noticeFacts(
  config: SystemConfig,
  state: ReachedState,
  certificate: Certificate,
  { reportKey, announced }: { reportKey: string; announced: boolean },
): OutcomeFacts {
  const { run, outcome, failure, cleanedUp, attention, actualSeconds, expectedSeconds } = certificate;
  const { comparison, backup } = state;
  const proved =
    comparison?.done === true && comparison.equal && !isOutdated(state, certificate.lastLook?.source);
  // Of a system in use only the evidence knows what could be compared.
  const { tables, rows } = run.onlyProve === true ? certificate.verification : (comparison ?? NOTHING);
  const problems = [
    ...rollBackProblems(state),
    ...attentionInWords(attention),
    ...(state.announcement?.unreached ?? []).map(roomNotTold),
  ];
  return {
    run,
    config,
    outcome,
    ...defined({ failure }),
    ...(cleanedUp === undefined || failure?.Cause.startsWith(cleanedUp.Cause) === true
      ? {}
      : { interrupted: `${cleanedUp.Error}: ${cleanedUp.Cause}` }),
    ...defined({ alreadyOff: certificate.alreadyOff }),
    ...(backup?.snapshot?.done === true ? { snapshot: backup.snapshot.identifier } : {}),
    ...(proved || outcome === 'proved' ? { tables, rows } : {}),
    ...defined({ actualSeconds, expectedSeconds }),
    ...(problems.length === 0 ? {} : { problems }),
    resources: certificate.resources.map(({ name, state: found }) => ({ name, state: found })),
    report: reportKey,
    told: wordsOf(certificate, config),
    announced,
    touched: isTouched(state),
  };
}

const NOTHING = { tables: 0, rows: 0 };

/** The most differences that a mail lists; the report has all of them. */
const MOST_DIFFERENCES = 10;

function wordsOf(certificate: Certificate, config: SystemConfig): NonNullable<OutcomeFacts['told']> {
  const { verification, outcome, failure } = certificate;
  const both = <Value>(words: (language: Language) => Value): Record<Language, Value> => ({
    en: words('en'),
    'zh-CN': words('zh-CN'),
  });
  const differences = verification.differences.slice(0, MOST_DIFFERENCES);
  const isSafe = outcome === 'rolled-back' || outcome === 'denied' || outcome === 'failed';
  return {
    ...(certificate.lastLook === undefined
      ? {}
      : {
          lastLook: both((language) => {
            const facts = lastLookFacts(certificate, config, language);
            return facts === undefined ? [] : lastLookInWords(facts, language, config.timeZone);
          }),
        }),
    ...(verification.live === undefined
      ? {}
      : { live: both((language) => liveInWords(verification.live?.written ?? [], language)) }),
    ...(differences.length === 0
      ? {}
      : { differences: both((language) => differences.map((each) => differenceInWords(each, language))) }),
    ...(failure !== undefined && isSafe
      ? { nextStep: both((language) => nextStepInWords(nextStepOf(certificate), language)) }
      : {}),
  };
}

function roomNotTold(name: string): Words {
  return {
    en: `Users in the room of webhook ${name} were not told of the shutdown: it took no message.`,
    'zh-CN': `通知渠道 ${name} 未接受消息，其中的用户未收到关闭通知。`,
  };
}

function rollBackProblems({ rollback }: ReachedState): Words[] {
  return Object.values(rollback ?? {})
    .filter(isFailure)
    .map(({ Error: name, Cause: cause }) => ({
      en: `The roll back met ${name}: ${causeText(cause)}`,
      'zh-CN': `回滚时出错：${failureInChinese(name, causeText(cause))}`,
    }));
}
