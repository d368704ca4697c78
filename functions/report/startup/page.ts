import type { Comparison } from '../../../engines/manifest.ts';
import type { Language, SystemConfig } from '../../contract/config.ts';
import { type Html, html, joined, NOTHING, trusted } from '../../contract/html.ts';
import { STARTUP_STEPS } from '../../contract/startup-steps.ts';
import type { StepName } from '../../contract/steps.ts';
import { differenceInWords } from '../../notices/difference-words.ts';
import { duration, localTime } from '../../notices/notice.ts';
import { causeText } from '../../notices/outcome.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';
import type { Certificate } from '../certificate.ts';
import type { RunHistory } from '../history.ts';
import type { Labels } from '../html/labels.ts';
import { labelsOf } from '../html/language.ts';
import { MAILS_MARKER } from '../html/mails.ts';
import { facts, htmlList, section, table, titledOriginals } from '../html/markup.ts';
import type { Definition } from '../html/state-graph.ts';
import { renderStateMachine } from '../html/state-machine.ts';
import { STYLE } from '../html/style.ts';
import { renderTimeline } from '../html/timeline.ts';
import type { StartupCertificate } from './certificate.ts';
import { type StartupLabels, startupLabelsOf } from './labels.ts';
import { confirmationInWords, startupNextStep } from './words.ts';

export interface StartupPageFacts {
  certificate: StartupCertificate;
  config: SystemConfig;
  /** Undefined when Step Functions did not tell it. */
  history: RunHistory | undefined;
  /** The certificate of the shutdown that this start-up ends, where it could be read. */
  shutdown: Certificate | undefined;
  /** What differs, where the data were compared. */
  comparison: Comparison | undefined;
  /** Name of the evidence bucket. */
  bucket: string;
}

/** What every part of the page needs. */
interface View extends StartupPageFacts {
  language: Language;
  labels: Labels;
  own: StartupLabels;
  time: (iso: string) => string;
}

/** A start-up as one page that opens without a server: both halves of the cycle, from the shutdown's proof to the open doors. */
export function renderStartup(given: StartupPageFacts): string {
  const { certificate, config, history } = given;
  const language = config.notices.languages[0] ?? 'en';
  const own = startupLabelsOf(language);
  const labels = labelsOf(language);
  const time = (iso: string): string => localTime(iso, config.timeZone, language);
  const view: View = { ...given, language, labels, own, time };
  const title = `${config.displayName}: ${own.headline[certificate.outcome]}`;
  return joined(
    [
      html`<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">`,
      html`<title>${title}</title><style>${trusted(STYLE)}</style></head><body><main>`,
      banner(view),
      failure(view),
      section(own.cycle, cycle(view)),
      health(view),
      section(own.thisHalf, timeline(view, certificate.steps, certificate.promise)),
      putAway(view),
      html`<div class="pair">`,
      section(labels.runTitle, run(view)),
      section(labels.resources, resources(view)),
      html`</div>`,
      section(labels.mails, html`${trusted(MAILS_MARKER)}`),
      history === undefined ? NOTHING : section(labels.stateMachine, way(view, history)),
      section(labels.evidence, evidence(view)),
      html`<footer>${labels.writtenAt(time(certificate.closedAt))}</footer></main></body></html>`,
    ],
    '\n',
  ).markup;
}

const SIGNS = { good: '✓', care: '!', bad: '✗' };

function moodOf({ outcome, confirmation, lateSeconds = 0 }: StartupCertificate): keyof typeof SIGNS {
  if (outcome === 'partly-on' || outcome === 'failed') return 'bad';
  if (outcome === 'refused') return 'care';
  const isClean = confirmation === undefined || confirmation.outcome === 'equal';
  return isClean && lateSeconds <= 60 ? 'good' : 'care';
}

function banner({ certificate, config, labels, own, language }: View): Html {
  const { outcome, openedAt, confirmation, promise, lateSeconds = 0 } = certificate;
  const mood = moodOf(certificate);
  const isOpen = openedAt !== undefined || outcome === 'already-on';
  const tile = (kind: string, label: string, value: string): Html =>
    html`<div class="tile ${kind}"><dt>${label}</dt><dd>${value}</dd></div>`;
  const kept = lateSeconds > 60 ? own.late(duration(lateSeconds, language)) : own.kept;
  const data = confirmation?.outcome ?? 'none';
  return joined([
    html`<header class="banner ${mood}"><p class="kicker">${`${own.title} · ${config.displayName}`}</p>`,
    html`<h1><span class="sign" aria-hidden="true">${SIGNS[mood]}</span>${own.headline[outcome]}</h1>`,
    html`<p class="sentence">${own.sentence[outcome]}</p><dl class="tiles">`,
    tile(isOpen ? 'good' : 'bad', own.tiles.doors, isOpen ? own.open : own.shut),
    tile(data === 'equal' ? 'good' : data === 'none' ? 'plain' : 'care', own.tiles.data, own.data[data]),
    tile(
      promise === undefined ? 'plain' : lateSeconds > 60 || !isOpen ? 'care' : 'good',
      own.tiles.promise,
      promise === undefined ? own.noPromise : isOpen ? kept : labels.notDone,
    ),
    html`</dl></header>`,
  ]);
}

function failure({ certificate, config, labels, own, language, comparison }: View): Html {
  const { failure: ended, outcome } = certificate;
  if (ended === undefined || outcome === 'succeeded') return NOTHING;
  return section(
    labels.whatHappened,
    joined([
      html`<p>${labels.error(ended.Error)}</p><p class="cause">${labels.original(causeText(ended.Cause))}</p>`,
      htmlList(
        own.differences,
        (comparison?.differences ?? []).map((each) => differenceInWords(each, language)),
      ),
      html`<h3>${own.toDo}</h3><p>${startupNextStep(certificate, config.name, language)}</p>`,
    ]),
  );
}

/** Away from when to when, against the promise; and the chain from the shutdown's proof to the confirmation. */
function cycle({ certificate, own, labels, language, time, shutdown }: View): Html {
  const { promise, openedAt, awaySeconds, shutdown: ended, confirmation } = certificate;
  const maybe = (iso: string | undefined): string | undefined => (iso === undefined ? undefined : time(iso));
  const verified = shutdown?.snapshot?.verified === true;
  const links = [
    ...(shutdown?.snapshot === undefined
      ? []
      : [
          `${own.snapshot}: ${shutdown.snapshot.identifier} (${verified ? labels.verified : labels.notVerified})`,
        ]),
    ...(verified ? [own.compared(shutdown.verification.tables, shutdown.verification.rows)] : []),
    ...(confirmation === undefined ? [] : [confirmationInWords(certificate, language) ?? '']),
  ].filter((line) => line !== '');
  return joined([
    facts([
      [own.outAt, maybe(ended?.outAt)],
      [own.promised, maybe(promise)],
      [own.openedAt, maybe(openedAt)],
      [own.away, awaySeconds === undefined ? undefined : duration(awaySeconds, language)],
      [own.shutdownRun, ended?.run],
    ]),
    htmlList(own.chain, links),
    titledOriginals(labels.warnings, certificate.warnings, labels),
  ]);
}

const EXPECTED: Partial<Record<StepName, number>> = Object.fromEntries(
  Object.values(STARTUP_STEPS).flatMap((step) =>
    'expectedSeconds' in step ? [[step.name, step.expectedSeconds]] : [],
  ),
);

function timeline(
  { certificate, config, labels, own, language, time }: View,
  steps: StartupCertificate['steps'],
  announcedAt: string | undefined,
): Html {
  const [first] = steps;
  if (first === undefined) return html`<p>${labels.noHistory}</p>`;
  const picture = renderTimeline({
    steps,
    expected: EXPECTED,
    announcedAt: announcedAt ?? first.startedAt,
    timeZone: config.timeZone,
    language,
    labels: { ...labels, announcedMark: own.promiseMark },
    now: certificate.closedAt,
  });
  return html`<p class="hint">${`${labels.timelineHint} ${time(first.startedAt)}`}</p>${picture}`;
}

function health({ certificate, labels, own }: View): Html {
  const { health: checks } = certificate;
  if (checks === undefined) return NOTHING;
  const rows = checks.map(({ name, green, lastAnswer }) => ({
    ...(green ? {} : { kind: 'bad' }),
    cells: [
      name,
      green ? html`<span class="ok">✓ ${own.green}</span>` : html`<span class="off">✗ ${own.red}</span>`,
      labels.original(lastAnswer),
    ],
  }));
  const columns = [{ label: own.check }, { label: labels.state }, { label: own.lastAnswer }];
  return section(own.health, table(own.health, columns, rows));
}

/** The other half: the shutdown, from its own certificate. */
function putAway({ shutdown, config, labels, own, language, time }: View): Html {
  const [first] = shutdown?.steps ?? [];
  if (shutdown === undefined || first === undefined) return NOTHING;
  const picture = renderTimeline({
    steps: shutdown.steps,
    expected: shutdown.expectedSteps,
    announcedAt: shutdown.announcedAt,
    timeZone: config.timeZone,
    language,
    labels,
    now: shutdown.closedAt,
  });
  return section(
    own.putAway,
    html`<p class="hint">${`${labels.timelineHint} ${time(first.startedAt)}`}</p>${picture}`,
  );
}

function run({ certificate, labels, language, time }: View): Html {
  const { run: own, closedAt, cleanedUp, version } = certificate;
  return facts([
    [labels.run, own.id],
    [labels.begun, time(own.startedAt)],
    [labels.closed, time(closedAt)],
    [labels.reason, own.reason],
    [labels.requestedBy, requesterInWords(askedBy(own), language)],
    [labels.execution, own.executionArn],
    [labels.cleanedUpBy, cleanedUp?.by],
    [labels.configuration, own.configuration],
    [labels.version, version],
  ]);
}

function resources({ certificate, labels, own }: View): Html {
  const problems = new Map(certificate.servers.map((server) => [`server ${server.name}`, server]));
  const rows = certificate.resources.map(({ name, state, lastSeen }) => {
    const server = problems.get(name);
    const sight = lastSeen === true ? html` <small>${labels.lastSeen}</small>` : '';
    const words =
      server === undefined
        ? ''
        : server.ready
          ? html` <small>${own.ready}</small>`
          : note(server.problem, labels);
    const isBad = server !== undefined && !server.ready;
    return {
      ...(isBad ? { kind: 'bad' } : {}),
      cells: [labels.resourceName(name), html`<strong>${labels.stateName(state)}</strong>${words}${sight}`],
    };
  });
  if (rows.length === 0) return html`<p>${labels.system.unknown}</p>`;
  return table(labels.resources, [{ label: labels.resource }, { label: labels.state }], rows);
}

const note = (problem: string | undefined, labels: Labels): Html =>
  problem === undefined ? NOTHING : html` <small class="off">${labels.original(problem)}</small>`;

function way({ labels }: View, { definition, visited, transitions, failed }: RunHistory): Html {
  const picture = renderStateMachine({
    definition: definition as Definition,
    visited,
    transitions,
    failed,
    labels,
  });
  return html`<p class="hint">${labels.stateMachineHint}</p>${picture}`;
}

function evidence({ certificate, bucket, labels }: View): Html {
  const { run: own, confirmation, shutdown } = certificate;
  const keys = [
    [labels.files.certificate, `runs/${own.system}/${own.id}/certificate.json`],
    ...(confirmation === undefined ? [] : [[labels.files.verification, confirmation.key]]),
    ...(shutdown === undefined ? [] : [[labels.files.certificate, shutdown.certificate]]),
    [labels.files.report, `runs/${own.system}/${own.id}/report.html`],
  ] as const;
  return joined([
    html`<p class="hint">${labels.evidenceHint}</p><ul>${keys.map(
      ([name, key]) => html`<li>${name}<br><code>${`s3://${bucket}/${key}`}</code></li>`,
    )}</ul>`,
    titledOriginals(labels.problems, certificate.problems, labels),
  ]);
}
