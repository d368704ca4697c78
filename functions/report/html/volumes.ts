import { escapeHtml } from '../../shared/html.ts';
import type { Certificate } from '../certificate.ts';
import type { Labels } from './labels.ts';
import { htmlList, table, titledOriginals } from './markup.ts';

/** The snapshots of the servers' volumes, and what is in none. */
export function renderVolumes({ files }: Certificate, labels: Labels): string {
  const words = labels.volumes;
  if (files === undefined) return `<p>${escapeHtml(labels.none)}</p>`;
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
    titledOriginals(
      words.notCovered,
      notNamedYet(files).map((entry) => `${entry.object}: ${entry.reason}`),
      labels,
    ),
  ].join('');
}

/** What is in no snapshot, without the volumes that "not compared" names already. */
function notNamedYet({ notCovered, verification }: NonNullable<Certificate['files']>) {
  const volumeOf = (object: string): string | undefined => /vol-[0-9a-f]+/.exec(object)?.[0];
  const named = new Set(verification?.notCompared.map(({ object }) => volumeOf(object)) ?? []);
  return notCovered.filter(({ object }) => {
    const volume = volumeOf(object);
    return volume === undefined || !named.has(volume);
  });
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
  const { compared, differences, notCompared, equal, contents } = verification;
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
    titledOriginals(
      labels.notCompared,
      notCompared.map((entry) => `${entry.object}: ${entry.reason}`),
      labels,
    ),
  ].join('');
}
