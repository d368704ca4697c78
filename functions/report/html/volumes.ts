import { type Html, html, joined, NOTHING } from '../../contract/html.ts';
import type { Certificate } from '../certificate.ts';
import type { Labels } from './labels.ts';
import { htmlList, table, titledOriginals } from './markup.ts';

/** The snapshots of the servers' volumes, and what is in none. */
export function renderVolumes({ files }: Certificate, labels: Labels): Html {
  const words = labels.volumes;
  if (files === undefined) return html`<p>${words.notBegun}</p>`;
  const rows = files.snapshots.map((snapshot) => ({
    cells: [
      snapshot.server,
      html`${snapshot.volumeId} <small>${snapshot.boot ? `${snapshot.device}, ${words.boot}` : snapshot.device}</small>`,
      snapshot.sizeGib.toLocaleString('en'),
      snapshot.snapshotId,
      html`<span class="ok">✓ ${labels.stateName(snapshot.state)}</span>`,
    ],
  }));
  const columns = [
    { label: words.server },
    { label: words.volume },
    { label: words.size, number: true },
    { label: labels.snapshot },
    { label: labels.state },
  ];
  return joined([
    html`<p>${sentence(files, labels)}</p>`,
    rows.length === 0 ? '' : table(words.title, columns, rows),
    renderComparison(files, labels),
    titledOriginals(labels.notCompared, notCompared(files).map(entryInWords), labels),
    titledOriginals(
      words.notCovered,
      files.notCovered.filter(({ inSnapshot }) => inSnapshot === undefined).map(entryInWords),
      labels,
    ),
  ]);
}

const entryInWords = ({ object, reason }: { object: string; reason: string }): string =>
  `${object}: ${reason}`;

/** What the comparison left out; and what the plan said of it where the comparison, which says more, does not name the volume. */
function notCompared({
  notCovered,
  verification,
}: NonNullable<Certificate['files']>): { object: string; reason: string }[] {
  const left = verification?.notCompared ?? [];
  const planned = notCovered.filter(
    ({ inSnapshot }) => inSnapshot !== undefined && !left.some(({ object }) => object.includes(inSnapshot)),
  );
  return [...left, ...planned];
}

function sentence(files: NonNullable<Certificate['files']>, { volumes }: Labels): string {
  if (files.backup === 'none') return volumes.policyNone;
  if (files.confirmed) return volumes.taken(files.snapshots.length);
  return files.begun ? volumes.begun : volumes.notBegun;
}

/** What the restored volumes hold, file system by file system, and what differs. */
function renderComparison({ verification }: NonNullable<Certificate['files']>, labels: Labels): Html {
  if (verification === undefined) return NOTHING;
  const words = labels.volumes;
  const { compared, differences, equal, contents } = verification;
  const rows = compared.map((part) => ({
    ...(part.equal ? {} : { kind: 'bad' }),
    cells: [
      part.server,
      html`${part.volumeId}${part.part === '0' ? '' : html` <small>${part.part}</small>`}`,
      part.filesystem,
      part.files.toLocaleString('en'),
      html`<code title="${part.digest}">${part.digest.slice(0, 12)}…</code>`,
      part.equal
        ? html`<span class="ok">✓ ${labels.equal}</span>`
        : html`<span class="off">✗ ${labels.different}</span>`,
    ],
  }));
  const columns = [
    { label: words.server },
    { label: words.volume },
    { label: words.fileSystem },
    { label: words.files, number: true },
    { label: labels.digest },
    { label: labels.result },
  ];
  const volumes = new Set(compared.map((part) => part.volumeId)).size;
  const files = compared.reduce((sum, part) => sum + part.files, 0);
  return joined([
    html`<p><strong>${equal ? words.compared({ volumes, files, contents }) : words.differs}</strong></p>`,
    htmlList(
      labels.differences,
      differences.map(
        ({ server, volumeId, detail, strayWrite }) =>
          html`${server}, ${volumeId}: ${strayWrite === true ? words.strayWrite : labels.original(detail)}`,
      ),
    ),
    table(words.files, columns, rows),
  ]);
}
