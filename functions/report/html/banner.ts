import type { Language } from '../../contract/config.ts';
import { type Html, html, joined } from '../../contract/html.ts';
import { nextStepInWords } from '../../notices/next-step-words.ts';
import type { Certificate } from '../certificate.ts';
import { nextStepOf } from '../next-step.ts';
import type { ReachedState } from '../outcome.ts';
import type { Labels } from './labels.ts';
import { BACKUP_MOODS, backupStatus, systemStatus, verdictOf } from './verdict.ts';

const SIGNS = { good: '✓', care: '!', bad: '✗' };

/** What a person at night must see in a second: how it ended, what is on, whether the backup is proved, what to do. */
export function renderBanner(
  certificate: Certificate,
  state: ReachedState,
  labels: Labels,
  facts: { name: string; language: Language; mailsSent: number | undefined },
): Html {
  const { verdict, mood } = verdictOf(certificate, state);
  const { headline, sentence } = labels.verdict[verdict];
  // A run that ended safely, but not as it was meant to, leaves something to do before the next one.
  const next =
    verdict === 'back' || verdict === 'not-begun'
      ? [html`<li>${nextStepInWords(nextStepOf(certificate), facts.language)}</li>`]
      : [];
  const left = pointsToDo(certificate, labels, facts.mailsSent);
  const points = [...left, ...next];
  const backup = backupStatus(certificate);
  const tile = (kind: string, label: string, value: string): Html =>
    html`<div class="tile ${kind}"><dt>${label}</dt><dd>${value}</dd></div>`;
  return joined([
    html`<header class="banner ${mood}"><p class="kicker">${`${certificate.run.onlyProve === true ? labels.titleOfProof : labels.title} · ${facts.name}`}</p>`,
    html`<h1><span class="sign" aria-hidden="true">${SIGNS[mood]}</span>${headline}</h1>`,
    html`<p class="sentence">${sentence}</p><dl class="tiles">`,
    tile('plain', labels.tiles.system, labels.system[systemStatus(certificate)]),
    tile(
      BACKUP_MOODS[backup],
      certificate.alreadyOff === undefined ? labels.tiles.backup : labels.tiles.earlierBackup,
      labels.backup[backup],
    ),
    points.length > 0
      ? tile(left.length > 0 ? 'bad' : 'care', labels.tiles.toDo, labels.toDo(points.length))
      : tile('good', labels.tiles.toDo, labels.nothingToDo),
    html`</dl>`,
    points.length === 0 ? '' : html`<ol class="to-do">${points}</ol>`,
    html`</header>`,
  ]);
}

/** Each as an item of a list. */
function pointsToDo(certificate: Certificate, labels: Labels, mailsSent: number | undefined): Html[] {
  const { attention, problems, run } = certificate;
  const untold = mailsSent === 0 && !run.dryRun;
  return [
    ...attention.map((item) => {
      const command =
        item.command === undefined ? '' : html`<br>${labels.byHand} <code>${item.command}</code>`;
      return html`<li>${labels.attention[item.kind](item)}${command}</li>`;
    }),
    ...(untold ? [html`<li>${labels.noMailAccepted}</li>`] : []),
    ...problems.map((problem) => html`<li>${labels.incomplete} ${labels.original(problem)}</li>`),
  ];
}
