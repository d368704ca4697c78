import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PRODUCT = ['functions', 'engines', 'lib', 'cli', 'sandbox'];

/** Names that a rule of the project gives to many files. */
const BY_CONVENTION: Record<string, RegExp> = {
  /** The entry of a Lambda function. */
  handler: /^functions\/.*\/handler\.ts$/,
  /** The rights of the function after which the file is named. */
  permissions: /^lib\/steps\/[\w-]+\.ts$/,
  /** Says which systems have that function. */
  onlyWhere: /^lib\/steps\/[\w-]+\.ts$/,
};

/** Folders that implement one port several times. An implementation uses the words of its port, so two of them may share a name. */
const IMPLEMENTATIONS = [
  /** The port is `engines/engine.ts`. */
  /^engines\/(postgres|mysql|sqlserver)\//,
  /** The port is `functions/aws/rds/kind.ts`. */
  /^functions\/aws\/rds\/(instance|cluster)\//,
  /** The port is `sandbox/world/database/engines.ts`: PostgreSQL is beside it, MariaDB in a folder. */
  /^sandbox\/world\/database\/(mariadb\/)?/,
];

const files = PRODUCT.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .map((path) => `${room}/${path}`)
    .filter((path) => path.endsWith('.ts')),
);

function exportedNames(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest);
  const names = source.statements.flatMap((statement) => {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) =>
        ts.isIdentifier(name) ? [name.text] : [],
      );
    const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    return isNamed && statement.name !== undefined ? [statement.name.text] : [];
  });
  // A function with overloads is declared several times.
  return [...new Set(names)];
}

/** Whether each file is in another implementation of one port. */
function implementOnePort(paths: string[]): boolean {
  return IMPLEMENTATIONS.some((pattern) => {
    const implementations = paths.map((path) => pattern.exec(path)?.[0]);
    return !implementations.includes(undefined) && new Set(implementations).size === paths.length;
  });
}

it('an exported name has one meaning in the product', () => {
  const declaredIn = Map.groupBy(
    files.flatMap((path) => exportedNames(path).map((name) => ({ name, path }))),
    ({ name }) => name,
  );
  const ambiguous = [...declaredIn].flatMap(([name, declarations]) => {
    const paths = declarations.map(({ path }) => path);
    const convention = BY_CONVENTION[name];
    if (convention !== undefined && paths.every((path) => convention.test(path))) return [];
    return paths.length === 1 || implementOnePort(paths) ? [] : [`${name}: ${paths.join(', ')}`];
  });
  expect(declaredIn.size).toBeGreaterThan(800);
  expect(ambiguous).toEqual([]);
});

it('a file is named by what is in it: no adverb, no verb without its object', () => {
  const vague = /\/(after|again|before|end|look|now|since|told)\.ts$/;
  expect(files.filter((path) => vague.test(path))).toEqual([]);
});
