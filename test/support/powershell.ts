import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

const GRAMMAR = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');

/** One call of a command in a script: its name and everything that stands behind it. */
export interface PowerShellCommand {
  name: string;
  text: string;
  line: number;
}

/**
 * Reads a script by somebody else's grammar of PowerShell, since no PowerShell runs where the tests run.
 *
 * @returns what it does not understand, as lines, and every command that is called.
 */
export async function readPowerShell(
  script: string,
): Promise<{ errors: string[]; commands: PowerShellCommand[] }> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(GRAMMAR)));
  const tree = parser.parse(script);
  if (tree === null) throw new Error('the grammar read nothing');
  const errors: string[] = [];
  const commands: PowerShellCommand[] = [];
  const visit = (node: Node): void => {
    const line = node.startPosition.row + 1;
    if (node.isError || node.isMissing) errors.push(`line ${line}: ${node.text.slice(0, 80)}`);
    if (node.type === 'command')
      commands.push({ name: node.childForFieldName('command_name')?.text ?? '', text: node.text, line });
    for (const child of node.children) if (child !== null) visit(child);
  };
  visit(tree.rootNode);
  return { errors, commands };
}
