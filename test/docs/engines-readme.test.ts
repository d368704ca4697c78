import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENGINES = join(ROOT, 'engines');
const PAGE = readFileSync(join(ENGINES, 'README.md'), 'utf8');

/** Code in the text; the files named in steps 2 to 7 are those of an engine's own folder. */
const spans = [...PAGE.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(
  ([, span = '']) => span,
);
const isPath = (span: string): boolean => /\/|\.ts$/.test(span);

/** Folders in which a file of the page may lie. */
const PLACES = [ENGINES, ROOT, ...['postgres', 'mysql', 'sqlserver'].map((name) => join(ENGINES, name))];

const declared = new Map<string, ts.Statement>();
for (const path of [
  ...readdirSync(ENGINES, { recursive: true, encoding: 'utf8' }).map((file) => join('engines', file)),
  ...spans.filter((span) => span.includes('/')),
  'functions/contract/errors.ts',
]) {
  if (!path.endsWith('.ts')) continue;
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest);
  for (const statement of source.statements)
    for (const name of namesOf(statement)) declared.set(name, statement);
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

function membersOf(type: string): string[] {
  const statement = declared.get(type);
  if (statement === undefined || !ts.isInterfaceDeclaration(statement)) return [];
  return statement.members.flatMap(({ name }) =>
    name !== undefined && ts.isIdentifier(name) ? [name.text] : [],
  );
}

describe('engines/README.md', () => {
  it('names files and folders that exist', () => {
    const paths = spans.filter(isPath);
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !PLACES.some((place) => existsSync(join(place, path))))).toEqual([]);
  });

  it('names what is declared, or a member of an interface', () => {
    const members = new Set([...declared.keys()].flatMap(membersOf));
    const errors = readFileSync(join(ROOT, 'functions/contract/errors.ts'), 'utf8');
    const names = spans.filter((span) => !isPath(span));
    const unknown = names.filter(
      (name) => !declared.has(name) && !members.has(name) && !errors.includes(`'${name}'`),
    );
    expect(names.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });

  it('lists every member of the port, and no other', () => {
    const [, table = ''] = PAGE.split('| member | answered by |');
    const rows = [...table.matchAll(/^\s*\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
    const listed = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));

    expect(listed).toEqual(membersOf('Engine'));
  });

  it('runs tests that exist', () => {
    const folders = [...PAGE.matchAll(/npx vitest run (\S+)/g)].map(([, folder = '']) => folder);
    expect(folders.length).toBeGreaterThan(1);
    expect(folders.filter((folder) => !existsSync(join(ROOT, folder)))).toEqual([]);
  });
});
