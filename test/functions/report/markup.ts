/** Elements of HTML that have no end tag. */
const VOID = new Set(['meta', 'br']);

/** Everything that is not plain markup in a page made by hand: unclosed elements, raw `<` and `&`, unquoted attributes. */
export function markupProblems(html: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  const body = html.replace(/^<!doctype html>/, '').replaceAll(/<!--[^>]*-->/g, '');
  // Text, or a tag whose attributes all are quoted.
  const token =
    /<style>[^<]*<\/style>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*="[^"<]*")*)\s*(\/?)>|[^<]+|</gy;
  for (let match = token.exec(body); match !== null; match = token.exec(body)) {
    const [text, end, name, attributes = '', selfClosing] = match;
    if (text.startsWith('<style>')) continue;
    if (text === '<') problems.push(`raw <: ${body.slice(match.index, match.index + 60)}`);
    const words = name === undefined ? text : attributes;
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(words)) problems.push(`raw &: ${words.slice(0, 60)}`);
    if (name === undefined || VOID.has(name) || selfClosing === '/') continue;
    if (end !== '/') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else problems.push(`</${name}> in <${open.at(-1) ?? 'nothing'}>`);
  }
  return [...problems, ...open.map((name) => `<${name}> is never closed`)];
}

/** The page's words without markup, entities read. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<style>[^<]*<\/style>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}
