import type { Language, SystemConfig } from '../../contract/config.ts';
import { ErrorName } from '../../contract/errors.ts';
import { type Html, html, trusted } from '../../contract/html.ts';
import type { NoticeFacts, RunNoticeKind } from '../../notices/notice.ts';
import { recipientsOf } from '../../notices/recipients.ts';
import { textOf } from '../../notices/texts.ts';
import type { Certificate } from '../certificate.ts';
import { isTouched, type ReachedState } from '../outcome.ts';
import type { Labels } from './labels.ts';
import { table } from './markup.ts';

/** Where a rehearsal, which keeps the mails themselves, puts them in. */
export const MAILS_MARKER = '<!-- mails -->';

export interface MailFacts {
  certificate: Certificate;
  config: SystemConfig;
  state: ReachedState;
  /** Undefined while the mails about the outcome are being sent. */
  mailsSent: number | undefined;
}

/** Which mails went out, by kind: AWS keeps no mail, so this is what the run's state knows of them. */
export function renderMails(facts: MailFacts, labels: Labels, language: Language): Html {
  const { certificate, state, mailsSent } = facts;
  const { sent = 0, rounds = [] } = state.announcement ?? {};
  const outcomeMails = certificate.outcome === 'planned' || certificate.run.dryRun;
  const lines = [
    ...(sent > 0
      ? [
          labels.announcements(
            sent,
            [...rounds].sort((a, b) => b - a),
          ),
        ]
      : []),
    ...(outcomeMails ? [] : [labels.outcomeMails(mailsSent)]),
  ];
  if (lines.length === 0) return html`<p>${labels.noMails}</p>${trusted(MAILS_MARKER)}`;
  const kinds = kindsOf(facts);
  const notice = noticeFacts(facts);
  const rows = kinds.map((kind) => ({
    cells: [labels.mailKinds[kind], textOf(kind, notice, language).subject],
  }));
  const subjects =
    rows.length === 0
      ? undefined
      : table(labels.mails, [{ label: labels.mailKind }, { label: labels.subject }], rows);
  return html`${lines.map((line) => html`<p>${line}</p>`)}${subjects}${trusted(MAILS_MARKER)}`;
}

/** Kinds of which at least one mail went out. */
function kindsOf({ certificate, config, state, mailsSent }: MailFacts): RunNoticeKind[] {
  const sent = state.announcement?.sent ?? 0;
  return [
    ...(sent > 0 ? (['announcement'] as const) : []),
    // Each round tells every recipient once: more messages than recipients are more than one round.
    ...(sent > recipientsOf(config, 'users').length ? (['reminder'] as const) : []),
    ...((mailsSent ?? 0) > 0 ? kindsOfOutcome(certificate, sent > 0, isTouched(state)) : []),
  ];
}

/** As `sendOutcomeNotices` chooses them. */
function kindsOfOutcome(
  { outcome, run }: Pick<Certificate, 'outcome' | 'run'>,
  announced: boolean,
  touched: boolean,
): RunNoticeKind[] {
  if (run.onlyProve === true && outcome !== 'planned')
    return [outcome === 'proved' ? 'proved' : 'not-proved'];
  switch (outcome) {
    case 'planned':
      return [];
    case 'already-off':
      return ['already-off'];
    case 'succeeded':
      return ['shut-down'];
    case 'rolled-back':
      return ['rolled-back', 'called-off'];
    case 'partly-off':
      return ['partly-off'];
    default:
      if (touched) return ['partly-off'];
      return announced ? ['not-begun', 'called-off'] : ['not-begun'];
  }
}

/** What the subjects say. */
function noticeFacts({ certificate, config, state }: MailFacts): NoticeFacts {
  const { run, outcome, failure, announcedAt } = certificate;
  const error = outcome === 'partly-off' ? ErrorName.PartlyOff : failure?.Error;
  const proved = state.comparison?.done === true && state.comparison.equal;
  return {
    runId: run.id,
    system: config.name,
    displayName: config.displayName,
    timeZone: config.timeZone,
    at: announcedAt,
    ...(error === undefined ? {} : { error }),
    ...(proved ? { tables: state.comparison?.tables ?? 0 } : {}),
    ...(outcome === 'rolled-back' ? { availableAgain: true } : {}),
  };
}
