import type { SystemConfig } from '../../shared/contract/config.ts';
import type { Outcome } from '../../shared/contract/state.ts';
import { escapeHtml } from '../../shared/html.ts';
import { duration, localTime } from '../../shared/notices/notice.ts';
import { causeText } from '../../shared/notices/outcome.ts';
import type { Certificate } from '../certificate.ts';
import type { RunHistory } from '../history.ts';
import type { ReachedState } from '../outcome.ts';
import { type Labels, labelsOf } from './labels.ts';
import type { Definition } from './state-graph.ts';
import { renderStateMachine } from './state-machine.ts';
import { STYLE } from './style.ts';
import { renderTimeline } from './timeline.ts';
import { renderVerification } from './verification.ts';

export interface ReportFacts {
  certificate: Certificate;
  config: SystemConfig;
  state: ReachedState;
  history: RunHistory;
  mailsSent: number;
}

const MOOD: Record<Outcome, string> = {
  succeeded: 'good',
  planned: 'good',
  'rolled-back': 'care',
  denied: 'care',
  skipped: 'care',
  'partly-off': 'bad',
  failed: 'bad',
};

/** The run as one page that opens without a server: what a person at night must see first stands first. */
export function renderReport(facts: ReportFacts): string {
  const { certificate, config, state, history, mailsSent } = facts;
  const language = config.notices.languages[0] ?? 'en';
  const labels = labelsOf(language);
  const { headline, sentence } = labels.outcome[certificate.outcome];
  const failed = history.steps.filter((step) => step.outcome === 'failed').map((step) => step.name);
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">`,
    `<title>${escapeHtml(`${config.displayName}: ${headline}`)}</title><style>${STYLE}</style></head><body><main>`,
    `<section class="banner ${MOOD[certificate.outcome]}"><p class="kicker">${escapeHtml(`${labels.title} · ${config.displayName}`)}</p><h1>${escapeHtml(headline)}</h1><p>${escapeHtml(sentence)}</p></section>`,
    failureSection(certificate, labels),
    section(labels.run, keyFacts(facts, labels)),
    section(
      labels.timeline,
      `<p class="hint">${escapeHtml(labels.timelineHint)}</p>${renderTimeline({
        steps: history.steps,
        expected: state.plan?.expected.steps ?? {},
        timeZone: config.timeZone,
        language,
        labels,
        now: certificate.closedAt,
      })}`,
    ),
    section(labels.resources, resourceTable(certificate, labels)),
    section(labels.verification, renderVerification(certificate, labels)),
    section(labels.plan, planLists(state, labels)),
    section(
      labels.mails,
      `<ul><li>${escapeHtml(labels.announcements(state.announcement?.sent ?? 0, state.announcement?.rounds.length ?? 0))}</li><li>${escapeHtml(labels.outcomeMails(mailsSent))}</li></ul>${MAILS_MARKER}`,
    ),
    section(
      labels.stateMachine,
      `<p class="hint">${escapeHtml(labels.stateMachineHint)}</p>${renderStateMachine({ definition: history.definition as Definition, visited: history.visited, failed, labels })}`,
    ),
    '</main></body></html>',
  ].join('\n');
}

/** Where a rehearsal, which keeps the mails themselves, puts them in. */
export const MAILS_MARKER = '<!-- mails -->';

function section(title: string, content: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function failureSection({ failure }: Certificate, labels: Labels): string {
  if (failure === undefined) return '';
  return section(
    labels.whatHappened,
    `<p><strong>${escapeHtml(failure.Error)}</strong></p><p>${escapeHtml(causeText(failure.Cause))}</p>`,
  );
}

function keyFacts({ certificate, config }: ReportFacts, labels: Labels): string {
  const { run, snapshot, verification } = certificate;
  const language = config.notices.languages[0] ?? 'en';
  const time = (iso: string): string => localTime(iso, config.timeZone, language);
  const proof = verification.equal === true ? labels.verified : labels.notVerified;
  const took =
    certificate.actualSeconds === undefined
      ? undefined
      : `${duration(certificate.actualSeconds, language)} (${labels.expected} ${duration(certificate.expectedSeconds ?? 0, language)})`;
  const facts: [string, string | undefined][] = [
    [labels.run, run.id],
    [labels.begun, time(run.startedAt)],
    [labels.announcedFor, time(run.at)],
    [labels.closed, time(certificate.closedAt)],
    [labels.took, took],
    [labels.snapshot, snapshot === undefined ? labels.noSnapshot : `${snapshot.identifier} (${proof})`],
    [labels.reason, run.reason],
    [labels.requestedBy, run.requestedBy],
    [labels.approvedBy, certificate.approvedBy],
  ];
  const rows = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`],
  );
  return `<dl>${rows.join('')}</dl>`;
}

function resourceTable({ resources }: Certificate, labels: Labels): string {
  const rows = resources.map(
    ({ name, state }) =>
      `<tr><td>${escapeHtml(name)}</td><td><strong>${escapeHtml(state)}</strong></td></tr>`,
  );
  return `<div class="scroll"><table><thead><tr><th scope="col">${escapeHtml(labels.resource)}</th><th scope="col">${escapeHtml(labels.state)}</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function planLists({ plan, inspection }: ReachedState, labels: Labels): string {
  const list = (title: string, items: string[]): string =>
    `<h3>${escapeHtml(title)}</h3>${items.length === 0 ? `<p>${escapeHtml(labels.none)}</p>` : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`}`;
  const reasons = [...(plan?.reasons ?? []), ...(inspection?.reasons ?? [])];
  return [
    list(
      labels.pendingUpdates,
      (plan?.pendingUpdates ?? []).map(
        (update) => `${update.resource}: ${update.description} (${update.kind})`,
      ),
    ),
    list(labels.warnings, plan?.warnings ?? []),
    ...(reasons.length === 0
      ? []
      : [
          list(
            labels.reasons,
            reasons.map((reason) => `${reason.resource}: ${reason.problem}; ${reason.remedy}`),
          ),
        ]),
  ].join('');
}
