import { escapeHtml } from '../../notices/html.ts';
import type { Certificate } from '../certificate.ts';
import type { Labels } from './labels.ts';
import { htmlList, table, titledOriginals } from './markup.ts';

/** The snapshots of the servers' volumes, and what is in none. */
export function renderVolumes({ files }: Certificate, labels: Labels): string {
  const words = labels.volumes;
  if (files === undefined) return `<p>${escapeHtml(words.notBegun)}</p>`;
  const rows = files.snapshots.map((snapshot) => ({
    cells: [
      escapeHtml(snapshot.server),
      `${escapeHtml(snapshot.volumeId)} <small>${escapeHtml(snapshot.boot ? `${snapshot.device}, ${words.boot}` : snapshot.device)}</small>`,
      escapeHtml(snapshot.sizeGib.toLocaleString('en')),
      escapeHtml(snapshot.snapshotId),
      `<span class="ok">✓ ${escapeHtml(labels.stateName(snapshot.state))}</span>`,
    ],
  }));
  const columns = [
    { label: words.server },
    { label: words.volume },
    { label: words.size, number: true },
    { label: labels.snapshot },
    { label: labels.state },
  ];
  return [
    `<p>${escapeHtml(sentence(files, labels))}</p>`,
    rows.length === 0 ? '' : table(words.title, columns, rows),
    renderComparison(files, labels),
    titledOriginals(labels.notCompared, notCompared(files).map(entryInWords), labels),
    titledOriginals(
      words.notCovered,
      files.notCovered.filter(({ inSnapshot }) => inSnapshot === undefined).map(entryInWords),
      labels,
    ),
  ].join('');
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
function renderComparison({ verification }: NonNullable<Certificate['files']>, labels: Labels): string {
  if (verification === undefined) return '';
  const words = labels.volumes;
  const { compared, differences, equal, contents } = verification;
  const rows = compared.map((part) => ({
    ...(part.equal ? {} : { kind: 'bad' }),
    cells: [
      escapeHtml(part.server),
      `${escapeHtml(part.volumeId)}${part.part === '0' ? '' : ` <small>${escapeHtml(part.part)}</small>`}`,
      escapeHtml(part.filesystem),
      escapeHtml(part.files.toLocaleString('en')),
      `<code title="${escapeHtml(part.digest)}">${escapeHtml(part.digest.slice(0, 12))}…</code>`,
      part.equal
        ? `<span class="ok">✓ ${escapeHtml(labels.equal)}</span>`
        : `<span class="off">✗ ${escapeHtml(labels.different)}</span>`,
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
  return [
    `<p><strong>${escapeHtml(equal ? words.compared({ volumes, files, contents }) : words.differs)}</strong></p>`,
    htmlList(
      labels.differences,
      differences.map(
        ({ server, volumeId, detail, strayWrite }) =>
          `${escapeHtml(`${server}, ${volumeId}: `)}${strayWrite === true ? escapeHtml(words.strayWrite) : labels.original(detail)}`,
      ),
    ),
    table(words.files, columns, rows),
  ].join('');
}
