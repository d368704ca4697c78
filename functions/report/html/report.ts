import type { SystemConfig } from '../../contract/config.ts';
import { type Html, html, joined, NOTHING, trusted } from '../../contract/html.ts';
import { localTime } from '../../notices/notice.ts';
import type { Certificate } from '../certificate.ts';
import type { RunHistory } from '../history.ts';
import type { ReachedState } from '../outcome.ts';
import { renderBanner } from './banner.ts';
import type { Labels } from './labels.ts';
import { labelsOf } from './language.ts';
import { renderMails } from './mails.ts';
import { section } from './markup.ts';
import {
  renderEvidence,
  renderFailure,
  renderPlan,
  renderResources,
  renderRollback,
  renderRun,
} from './sections.ts';
import type { Definition } from './state-graph.ts';
import { renderStateMachine } from './state-machine.ts';
import { STYLE } from './style.ts';
import { renderTimeline } from './timeline.ts';
import { verdictOf } from './verdict.ts';
import { renderVerification } from './verification.ts';
import { renderVolumes } from './volumes.ts';

export interface ReportFacts {
  certificate: Certificate;
  config: SystemConfig;
  state: ReachedState;
  /** Undefined when Step Functions did not tell it. */
  history: RunHistory | undefined;
  /** Mails about the outcome; undefined while they are being sent. */
  mailsSent: number | undefined;
  /** Name of the evidence bucket. */
  bucket: string;
}

/**
 * The run as one page that opens without a server or a network: what a person at night must see first stands first. In the first
 * of the system's languages.
 */
export function renderReport(report: ReportFacts): string {
  const { certificate, config, state, history, mailsSent, bucket } = report;
  const language = config.notices.languages[0] ?? 'en';
  const labels = labelsOf(language);
  const { headline } = labels.verdict[verdictOf(certificate, state).verdict];
  const closed = localTime(certificate.closedAt, config.timeZone, language);
  return joined(
    [
      html`<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">`,
      html`<title>${`${config.displayName}: ${headline}`}</title><style>${trusted(STYLE)}</style></head><body><main>`,
      renderBanner(certificate, state, labels, { name: config.displayName, language, mailsSent }),
      renderFailure(certificate, state, labels),
      section(labels.timeline, timeline(report, labels)),
      html`<div class="pair">`,
      section(labels.runTitle, renderRun(certificate, config, state, labels, language)),
      section(labels.resources, renderResources(certificate, labels)),
      html`</div>`,
      renderRollback(state, labels),
      section(labels.verification, renderVerification(certificate, labels, config, language)),
      section(labels.volumes.title, renderVolumes(certificate, labels)),
      section(labels.plan, renderPlan(state, labels)),
      section(labels.mails, renderMails({ certificate, config, state, mailsSent }, labels, language)),
      history === undefined ? NOTHING : section(labels.stateMachine, stateMachine(history, labels)),
      section(labels.evidence, renderEvidence(certificate, state, bucket, labels)),
      html`<footer>${labels.writtenAt(closed)}</footer></main></body></html>`,
    ],
    '\n',
  ).markup;
}

function timeline({ certificate, config, history }: ReportFacts, labels: Labels): Html {
  if (history === undefined) return html`<p>${labels.noHistory}</p>`;
  const language = config.notices.languages[0] ?? 'en';
  const first = certificate.steps[0]?.startedAt ?? certificate.run.startedAt;
  const picture = renderTimeline({
    steps: certificate.steps,
    expected: certificate.expectedSteps,
    announcedAt: certificate.announcedAt,
    timeZone: config.timeZone,
    language,
    labels,
    now: certificate.closedAt,
  });
  return html`<p class="hint">${`${labels.timelineHint} ${localTime(first, config.timeZone, language)}`}</p>${picture}`;
}

function stateMachine({ definition, visited, transitions, failed }: RunHistory, labels: Labels): Html {
  const picture = renderStateMachine({
    definition: definition as Definition,
    visited,
    transitions,
    failed,
    labels,
  });
  return html`<p class="hint">${labels.stateMachineHint}</p>${picture}`;
}
