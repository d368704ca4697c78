/** Markup whose texts are escaped. Only this file makes it, so that text is never taken for markup. */
class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  /** Beside text it becomes text, and is escaped. */
  toString(): string {
    return this.markup;
  }
}

export type { Html };

/** What may stand in a template: markup as it is, text escaped, lists one after the other, nothing for `undefined`. */
export type Piece = Html | string | number | undefined | readonly Piece[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function markupOf(piece: Piece): string {
  if (piece instanceof Html) return piece.markup;
  if (Array.isArray(piece)) return piece.map(markupOf).join('');
  return String(piece ?? '').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * Markup by a template. Texts are escaped for content and for attributes in quotation marks
 * (https://html.spec.whatwg.org/multipage/parsing.html#data-state); they must not stand in a script, a style or outside quotation marks.
 *
 * @example html`<li title="${name}">${text}</li>`
 */
export function html(template: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(String.raw({ raw: template }, ...pieces.map(markupOf)));
}

/** A text of ours that is markup already: a style sheet, a marker. Never anything that came from elsewhere. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** Pieces one after the other, or on a line each with `separator` `\n`. */
export function joined(pieces: readonly Piece[], separator = ''): Html {
  return new Html(pieces.map(markupOf).join(separator));
}

/** No markup. */
export const NOTHING = new Html('');
