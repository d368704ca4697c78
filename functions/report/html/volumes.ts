import { escapeHtml } from '../../shared/html.ts';
import type { Certificate } from '../certificate.ts';
import type { Labels } from './labels.ts';
import { table, titledList } from './markup.ts';

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
      `<span class="ok">✓ ${escapeHtml(snapshot.state)}</span>`,
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
    titledList(
      words.notCovered,
      files.notCovered.map((entry) => `${entry.object}: ${entry.reason}`),
    ),
  ].join('');
}

function sentence(files: NonNullable<Certificate['files']>, { volumes }: Labels): string {
  if (files.backup === 'none') return volumes.policyNone;
  if (files.confirmed) return volumes.taken(files.snapshots.length);
  return files.begun ? volumes.begun : volumes.notBegun;
}
