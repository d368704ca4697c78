import type { ServerIdentity } from '../../../engines/manifest.ts';
import type { Language, SystemConfig } from '../../contract/config.ts';
import { type Html, html, joined } from '../../contract/html.ts';
import { shown } from '../../contract/shown.ts';
import { differenceInWords } from '../../notices/difference-words.ts';
import { lastLookInWords } from '../../notices/last-look-words.ts';
import { liveInWords } from '../../notices/live-words.ts';
import { localTime } from '../../notices/notice.ts';
import type { Certificate, ComparedTable } from '../certificate.ts';
import { lastLookFacts } from '../last-look.ts';
import type { Labels } from './labels.ts';
import { facts as factsOf, htmlList, table, titledOriginals } from './markup.ts';

/** Characters of a digest that are shown; the certificate holds all of them. */
const DIGEST_SHOWN = 12;

/** What was compared: differences first, then every table, then what could not be compared and why. */
export function renderVerification(
  certificate: Certificate,
  labels: Labels,
  config: SystemConfig,
  language: Language,
): Html {
  const { verification, run } = certificate;
  const facts = lastLookFacts(certificate, config, language);
  const looked = htmlList(
    labels.lastLook,
    facts === undefined ? [] : lastLookInWords(facts, language, config.timeZone),
  );
  const { source, restored, compared, differences, notCompared, engineCheck } = verification;
  if (compared.length === 0 && notCompared.length === 0) {
    const policy = run.verification === 'none' ? ` ${labels.policyNone}` : '';
    return html`<p>${`${labels.nothingCompared}${policy}`}</p>${looked}`;
  }
  return joined([
    verification.tables === 0
      ? ''
      : html`<p><strong>${labels.total(verification.tables, verification.rows)}</strong></p>`,
    source === undefined || restored === undefined
      ? ''
      : factsOf([
          [labels.sourceServer, server(source, labels, config.timeZone, language)],
          [labels.restoredServer, server(restored, labels, config.timeZone, language)],
        ]),
    engineCheck === undefined
      ? ''
      : html`<p>${labels.engineCheck(engineCheck.method, engineCheck.checked, engineCheck.problems.length)}</p>`,
    titledOriginals(
      labels.damage,
      (engineCheck?.problems ?? []).map(({ object, problem }) => `${shown(object)}: ${problem}`),
      labels,
    ),
    looked,
    htmlList(
      labels.live,
      verification.live === undefined ? [] : liveInWords(verification.live.written, language),
    ),
    htmlList(
      labels.differences,
      differences.map((difference) => differenceInWords(difference, language)),
    ),
    compared.length === 0 ? '' : tableOfTables([...compared].sort(differencesFirst), labels),
    titledOriginals(
      labels.notCompared,
      notCompared.map((entry) => `${shown(entry.object)}: ${entry.reason}`),
      labels,
    ),
    titledOriginals(
      labels.notChecked,
      (engineCheck?.notChecked ?? []).map((entry) => `${shown(entry.object)}: ${entry.reason}`),
      labels,
    ),
  ]);
}

function server(
  { address, port, startedAt }: ServerIdentity,
  labels: Labels,
  timeZone: string,
  language: Language,
): string {
  // As the engine says it, where that is no moment.
  const started = Number.isNaN(Date.parse(startedAt)) ? startedAt : localTime(startedAt, timeZone, language);
  return `${address}:${port}, ${labels.serverStarted} ${started}`;
}

/** Different, then not read, then equal; among their like as they were recorded. */
function differencesFirst(a: ComparedTable, b: ComparedTable): number {
  const rank = ({ equal }: ComparedTable): number => (equal === false ? 0 : equal === undefined ? 1 : 2);
  return rank(a) - rank(b);
}

function tableOfTables(tables: ComparedTable[], labels: Labels): Html {
  const rows = tables.map((each) => {
    const { restored } = each;
    const copyRows =
      restored === undefined || restored.rows === each.rows
        ? ''
        : html` <small>${labels.copyHas(restored.rows)}</small>`;
    const copyDigest = restored === undefined ? '' : html`<br>${digest(restored.digest)}`;
    return {
      ...(each.equal === false ? { kind: 'bad' } : {}),
      cells: [
        shown(each.name),
        html`${each.rows.toLocaleString('en')}${copyRows}`,
        html`${digest(each.digest)}${copyDigest}`,
        result(each, labels),
      ],
    };
  });
  const columns = [
    { label: labels.table },
    { label: labels.rows, number: true },
    { label: labels.digest },
    { label: labels.result },
  ];
  return table(labels.verification, columns, rows);
}

function digest(value: string): Html {
  const shown = value.length > DIGEST_SHOWN ? `${value.slice(0, DIGEST_SHOWN)}…` : value;
  return html`<code title="${value}">${shown}</code>`;
}

function result({ equal, between }: ComparedTable, labels: Labels): Html {
  if (between === true) return html`${labels.writtenMeanwhile}`;
  if (equal === undefined) return html`${labels.unread}`;
  return equal
    ? html`<span class="ok">✓ ${labels.equal}</span>`
    : html`<span class="off">✗ ${labels.different}</span>`;
}
