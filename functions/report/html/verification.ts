import { escapeHtml } from '../../shared/html.ts';
import type { Certificate, ComparedTable } from '../certificate.ts';
import type { Labels } from './labels.ts';

/** Characters of a digest that are shown; the certificate holds all of them. */
const DIGEST_SHOWN = 14;

/** What was compared: differences first, then every table, then what could not be compared and why. */
export function renderVerification({ verification }: Certificate, labels: Labels): string {
  if (verification.compared.length === 0) return `<p>${escapeHtml(labels.nothingCompared)}</p>`;
  const { source, restored } = verification;
  const servers =
    source === undefined || restored === undefined
      ? ''
      : `<dl><dt>${escapeHtml(labels.sourceServer)}</dt><dd>${escapeHtml(`${source.address}:${source.port}`)}</dd><dt>${escapeHtml(labels.restoredServer)}</dt><dd>${escapeHtml(`${restored.address}:${restored.port}`)}</dd></dl>`;
  return [
    verification.tables === 0
      ? ''
      : `<p><strong>${escapeHtml(labels.total(verification.tables, verification.rows))}</strong></p>`,
    servers,
    list(
      labels.differences,
      verification.differences.map((difference) => `${difference.object}: ${difference.detail}`),
    ),
    tableOfTables([...verification.compared].sort(differencesFirst), labels),
    list(
      labels.notCompared,
      verification.notCompared.map((entry) => `${entry.object}: ${entry.reason}`),
    ),
  ].join('');
}

function differencesFirst(a: ComparedTable, b: ComparedTable): number {
  return Number(a.equal ?? true) - Number(b.equal ?? true);
}

function list(title: string, items: string[]): string {
  if (items.length === 0) return '';
  return `<h3>${escapeHtml(title)}</h3><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}

function tableOfTables(tables: ComparedTable[], labels: Labels): string {
  const rows = tables.map((table) => {
    const result =
      table.equal === undefined
        ? escapeHtml(labels.unread)
        : table.equal
          ? `<span class="ok">✓ ${escapeHtml(labels.equal)}</span>`
          : `<span class="off">✗ ${escapeHtml(labels.different)}</span>`;
    const digest =
      table.digest.length > DIGEST_SHOWN ? `${table.digest.slice(0, DIGEST_SHOWN)}…` : table.digest;
    return `<tr><td>${escapeHtml(table.name)}</td><td class="number">${table.rows.toLocaleString('en')}</td><td class="code">${escapeHtml(digest)}</td><td>${result}</td></tr>`;
  });
  const head = `<th scope="col">${escapeHtml(labels.table)}</th><th scope="col" class="number">${escapeHtml(labels.rows)}</th><th scope="col">${escapeHtml(labels.digest)}</th><th scope="col">${escapeHtml(labels.result)}</th>`;
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
