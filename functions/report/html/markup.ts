import { escapeHtml } from '../../notices/html.ts';

/** A card with a heading. */
export function section(title: string, content: string, kind = ''): string {
  return `<section${kind === '' ? '' : ` class="${kind}"`}><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

/** A list of texts under a smaller heading; nothing when there are none. They exist in English alone: `original` makes HTML of each. */
export function titledOriginals(
  title: string,
  items: string[],
  { original }: { original: (text: string) => string },
): string {
  return htmlList(title, items.map(original));
}

/** The same of items that are HTML already. */
export function htmlList(title: string, items: string[]): string {
  if (items.length === 0) return '';
  return `<h3>${escapeHtml(title)}</h3><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

/** Names and what they are; those without a value are left out. */
export function facts(entries: [string, string | undefined][]): string {
  const rows = entries.flatMap(([label, value]) =>
    value === undefined ? [] : [`<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`],
  );
  return `<dl>${rows.join('')}</dl>`;
}

/** A table in a box that scrolls by itself on a narrow page. Cells are HTML already. */
export function table(
  name: string,
  columns: { label: string; number?: boolean }[],
  rows: { cells: string[]; kind?: string }[],
): string {
  const kindOf = (index: number): string => (columns[index]?.number === true ? ' class="number"' : '');
  const head = columns.map(({ label }, index) => `<th scope="col"${kindOf(index)}>${escapeHtml(label)}</th>`);
  const body = rows.map(({ cells, kind }) => {
    const tagged = cells.map((cell, index) =>
      index === 0 ? `<th scope="row">${cell}</th>` : `<td${kindOf(index)}>${cell}</td>`,
    );
    return `<tr${kind === undefined ? '' : ` class="${kind}"`}>${tagged.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(name)}"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
