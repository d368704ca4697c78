import { type Html, html, NOTHING, type Piece } from '../../contract/html.ts';

/** A card with a heading. */
export function section(title: string, content: Piece, kind = ''): Html {
  return html`<section${kind === '' ? undefined : html` class="${kind}"`}><h2>${title}</h2>${content}</section>`;
}

/** A list of texts under a smaller heading; nothing when there are none. They exist in English alone: `original` makes HTML of each. */
export function titledOriginals(
  title: string,
  items: string[],
  { original }: { original: (text: string) => Html },
): Html {
  return htmlList(title, items.map(original));
}

/** A list under a smaller heading; nothing when there are no items. */
export function htmlList(title: string, items: Piece[]): Html {
  if (items.length === 0) return NOTHING;
  return html`<h3>${title}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

/** Names and what they are; those without a value are left out. */
export function facts(entries: [string, string | undefined][]): Html {
  const rows = entries.flatMap(([label, value]) =>
    value === undefined ? [] : [html`<div><dt>${label}</dt><dd>${value}</dd></div>`],
  );
  return html`<dl>${rows}</dl>`;
}

/** A table in a box that scrolls by itself on a narrow page. */
export function table(
  name: string,
  columns: { label: string; number?: boolean }[],
  rows: { cells: Piece[]; kind?: string }[],
): Html {
  const kindOf = (index: number): Piece =>
    columns[index]?.number === true ? html` class="number"` : undefined;
  const head = columns.map(({ label }, index) => html`<th scope="col"${kindOf(index)}>${label}</th>`);
  const body = rows.map(({ cells, kind }) => {
    const tagged = cells.map((cell, index) =>
      index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${kindOf(index)}>${cell}</td>`,
    );
    return html`<tr${kind === undefined ? undefined : html` class="${kind}"`}>${tagged}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
