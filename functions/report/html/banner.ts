import type { Language } from '../../contract/config.ts';
import { escapeHtml } from '../../notices/html.ts';
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
): string {
  const { verdict, mood } = verdictOf(certificate, state);
  const { headline, sentence } = labels.verdict[verdict];
  // A run that ended safely, but not as it was meant to, leaves something to do before the next one.
  const next =
    verdict === 'back' || verdict === 'not-begun'
      ? [`<li>${escapeHtml(nextStepInWords(nextStepOf(certificate), facts.language))}</li>`]
      : [];
  const left = pointsToDo(certificate, labels, facts.mailsSent);
  const points = [...left, ...next];
  const backup = backupStatus(certificate);
  const tile = (kind: string, label: string, value: string): string =>
    `<div class="tile ${kind}"><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`;
  return [
    `<header class="banner ${mood}"><p class="kicker">${escapeHtml(`${labels.title} · ${facts.name}`)}</p>`,
    `<h1><span class="sign" aria-hidden="true">${SIGNS[mood]}</span>${escapeHtml(headline)}</h1>`,
    `<p class="sentence">${escapeHtml(sentence)}</p><dl class="tiles">`,
    tile('plain', labels.tiles.system, labels.system[systemStatus(certificate)]),
    tile(
      BACKUP_MOODS[backup],
      certificate.alreadyOff === undefined ? labels.tiles.backup : labels.tiles.earlierBackup,
      labels.backup[backup],
    ),
    points.length > 0
      ? tile(left.length > 0 ? 'bad' : 'care', labels.tiles.toDo, labels.toDo(points.length))
      : tile('good', labels.tiles.toDo, labels.nothingToDo),
    '</dl>',
    points.length === 0 ? '' : `<ol class="to-do">${points.join('')}</ol>`,
    '</header>',
  ].join('');
}

/** Each as an item of a list. */
function pointsToDo(certificate: Certificate, labels: Labels, mailsSent: number | undefined): string[] {
  const { attention, problems, run } = certificate;
  const untold = mailsSent === 0 && !run.dryRun;
  return [
    ...attention.map((item) => {
      const command =
        item.command === undefined
          ? ''
          : `<br>${escapeHtml(labels.byHand)} <code>${escapeHtml(item.command)}</code>`;
      return `<li>${escapeHtml(labels.attention[item.kind](item))}${command}</li>`;
    }),
    ...(untold ? [`<li>${escapeHtml(labels.noMailAccepted)}</li>`] : []),
    ...problems.map((problem) => `<li>${escapeHtml(labels.incomplete)} ${labels.original(problem)}</li>`),
  ];
}
