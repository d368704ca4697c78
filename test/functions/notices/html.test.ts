import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { html, joined, NOTHING, trusted } from '../../../functions/notices/html.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DOOR = 'functions/notices/html.ts';

/** A text that begins with an element that reports and mails are made of. */
const ELEMENT =
  /^.<\/?(a|b|body|br|code|dd|div|dl|dt|footer|h[1-6]|header|html|li|ol|p|section|small|span|strong|svg|table|t[dhr]|title|ul)\b/;

/** The five references of the specification, read back: https://html.spec.whatwg.org/multipage/named-characters.html */
const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decoded = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => CHARACTERS[name] ?? '');

describe('a template of markup', () => {
  it('keeps every text as it was, in content and in an attribute, and lets it begin no element', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'<>&"\'/=ap; ') }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const [, title = '', content = ''] =
          /^<p title="([^<>"]*)">([^<>]*)<\/p>$/u.exec(html`<p title="${given}">${given}</p>`.markup) ?? [];
        expect([decoded(title), decoded(content)]).toEqual([given, given]);
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
  const own = fileNames.filter((file) => /^functions\/(report|notices)\//.test(file.slice(ROOT.length)));
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
      if (ts.isPropertyAccessExpression(node) && node.name.text === 'join')
        if (isMarkup(checker.getTypeAtLocation(node.expression))) problems.push(node.getText());
      if ((ts.isStringLiteral(node) || ts.isTemplateLiteral(node)) && !isTagged)
        if (ELEMENT.test(node.getText())) problems.push(node.getText());
      ts.forEachChild(node, visit);
    };
    visit(file);
    return problems;
  };

  it.each(own.map((file) => file.slice(ROOT.length)).filter((file) => file !== DOOR))(
    '%s make markup by the template alone',
    (file) => {
      const source = program.getSourceFile(`${ROOT}${file}`);
      expect(source === undefined ? ['not read'] : problemsOf(source)).toEqual([]);
    },
  );

  it('trust only texts of their own', () => {
    const trusting = own.flatMap((file) => readFileSync(file, 'utf8').match(/trusted\([^)]*\)/g) ?? []);

    expect(trusting.map((call) => call.replaceAll(/\s+/g, ' ').slice(0, 24)).sort()).toEqual([
      'trusted( "-apple-system,',
      'trusted(MAILS_MARKER)',
      'trusted(MAILS_MARKER)',
      'trusted(STYLE)',
      'trusted(markup: string)',
    ]);
  });
});
