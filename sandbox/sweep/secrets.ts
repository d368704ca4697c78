import { filesWith } from '../rehearsal/invariants.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';

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
  const events = [...executions.all.values()].flatMap((each) => each.history.events);
  const told = JSON.stringify(events);
  // Step Functions itself writes a task's token where it tells of its call: docs/decisions/0016-who-asked-and-who-approved.md.
  const besides = JSON.stringify(events.filter(({ type }) => type !== 'TaskScheduled'));
  const secrets = [
    ...databases.secrets.map((text) => ({ name: 'a password', text, history: told })),
    ...executions.tokens.map((text) => ({ name: 'a task token', text, history: besides })),
    { name: 'a value of a row', text: canary, history: told },
  ];
  const found: string[] = [];
  for (const { name, text, history } of secrets) {
    for (const file of await filesWith(out, text)) {
      // A waiting approval's token lies where the API alone reads it: docs/design.md.
      if (!file.includes('/evidence/approvals/')) found.push(`5: ${name} stands in ${file}`);
    }
    if (history.includes(text)) found.push(`5: ${name} stands in the history of an execution`);
  }
  return found;
}
