import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../sandbox/rehearsal/sandbox.ts';

/**
 * Invariant 5: looks for every password and task token there was, and for a value of a row, in each file that a run has left and in the history of
 * every execution.
 *
 * @returns a sentence for each place where one stands.
 */
export async function secretsFound(
  { databases, executions }: Sandbox,
  out: string,
  canary: string,
): Promise<string[]> {
  const secrets = [
    ...databases.secrets.map((text) => ({ name: 'a password', text })),
    ...executions.tokens.map((text) => ({ name: 'a task token', text })),
    { name: 'a value of a row', text: canary },
  ];
  const told = JSON.stringify([...executions.all.values()].map((each) => each.history.events));
  const found: string[] = [];
  for (const { name, text } of secrets) {
    for (const file of await filesWith(out, text)) {
      // A waiting approval's token lies where the API alone reads it: docs/design.md.
      if (!file.includes('/evidence/approvals/')) found.push(`5: ${name} stands in ${file}`);
    }
    if (told.includes(text)) found.push(`5: ${name} stands in the history of an execution`);
  }
  return found;
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
