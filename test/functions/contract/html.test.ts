import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { html, joined, NOTHING, trusted } from '../../../functions/contract/html.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Where pages and mails are made. */
const ROOMS = /^(functions\/(report|notices)\/|sandbox\/rehearsal\/mail-table\.ts$)/;

/** Texts that look like an element and are none: the address in a log, and the place that a rehearsal fills. */
const NO_ELEMENTS = ["'<address>'", "'<!-- mails -->'"];

describe('a template of markup', () => {
  it('keeps every text as it was, in content and in an attribute, and lets it begin no element', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'<>&"\'/=ap;!-\r\n ') }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const seen: string[] = [];
        const parser = new Parser({
          onopentag: (name, { title = '' }) => seen.push(name, title),
          ontext: (piece) => seen.push(piece),
          onclosetag: (name) => seen.push(`/${name}`),
          oncomment: (comment) => seen.push(`comment ${comment}`),
        });
        parser.end(html`<p title="${given}">${given}</p>`.markup);
        const [name, title, ...rest] = seen;
        expect([name, title, rest.slice(0, -1).join(''), rest.at(-1)]).toEqual(['p', given, given, '/p']);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes markup as it is, lists one after the other, numbers, and nothing for undefined', () => {
    const items = ['a & b', 2, html`<b>c</b>`, undefined, NOTHING].map((item) => html`<li>${item}</li>`);

    expect(html`<ul>${items}</ul>${trusted('<!-- x -->')}`.markup).toBe(
      '<ul><li>a &amp; b</li><li>2</li><li><b>c</b></li><li></li><li></li></ul><!-- x -->',
    );
    expect(joined([html`<p>`, '<', NOTHING], '\n').markup).toBe('<p>\n&lt;\n');
  });
});

describe('reports and mails', () => {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const own = fileNames.filter((file) => ROOMS.test(file.slice(ROOT.length)));
  const program = ts.createProgram(own, options);
  const checker = program.getTypeChecker();

  const isMarkup = (type: ts.Type): boolean => {
    if (type.isUnion()) return type.types.some(isMarkup);
    const [entry] = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
    return entry === undefined ? type.symbol?.name === 'Html' : isMarkup(entry);
  };
  /** Where markup becomes text again, and where text looks like markup. */
  const problemsOf = (file: ts.SourceFile): string[] => {
    const problems: string[] = [];
    const visit = (node: ts.Node): void => {
      const isTagged = ts.isTaggedTemplateExpression(node.parent ?? node);
      if (ts.isTemplateExpression(node) && !isTagged)
        for (const { expression } of node.templateSpans)
          if (isMarkup(checker.getTypeAtLocation(expression))) problems.push(node.getText());
      // Without quotation marks a text could end its attribute.
      if (ts.isTemplateExpression(node) && isTagged)
        for (const { text } of [node.head, ...node.templateSpans.map(({ literal }) => literal)])
          if (text.endsWith('=')) problems.push(node.getText());
      if (ts.isPropertyAccessExpression(node) && ['join', 'toString'].includes(node.name.text))
        if (isMarkup(checker.getTypeAtLocation(node.expression))) problems.push(node.getText());
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
        for (const side of [node.left, node.right])
          if (isMarkup(checker.getTypeAtLocation(side))) problems.push(node.getText());
      if (ts.isCallExpression(node) && node.expression.getText() === 'String')
        for (const argument of node.arguments)
          if (isMarkup(checker.getTypeAtLocation(argument))) problems.push(node.getText());
      if ((ts.isStringLiteral(node) || ts.isTemplateLiteral(node)) && !isTagged)
        if (/<[a-z/!]/i.test(node.getText()) && !NO_ELEMENTS.includes(node.getText()))
          problems.push(node.getText());
      ts.forEachChild(node, visit);
    };
    visit(file);
    return problems;
  };

  it.each(own.map((file) => file.slice(ROOT.length)))('%s make markup by the template alone', (file) => {
    const source = program.getSourceFile(`${ROOT}${file}`);
    expect(source === undefined ? ['not read'] : problemsOf(source)).toEqual([]);
  });

  it('trust only texts of their own', () => {
    const trusting = own.flatMap((file) => readFileSync(file, 'utf8').match(/trusted\([^)]*\)/g) ?? []);

    expect(trusting.map((call) => call.replaceAll(/\s+/g, ' ').slice(0, 24)).sort()).toEqual([
      'trusted( "-apple-system,',
      ...Array(3).fill('trusted(MAILS_MARKER)'),
      ...Array(2).fill('trusted(STYLE)'),
    ]);
  });
});
