import { createInterface } from 'node:readline/promises';
import { defined } from '../functions/contract/defined.ts';
import type { RunInput } from '../functions/contract/input.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions } from './options.ts';

const OPTIONS = {
  system: { type: 'string' },
  at: { type: 'string' },
  'back-at': { type: 'string' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'only-prove': { type: 'boolean' },
  emergency: { type: 'boolean' },
  force: { type: 'boolean' },
  verification: { type: 'string' },
  yes: { type: 'boolean' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out shutdown`: asks the operator API for a shutdown. The name of the system has to be typed, since nobody shuts a CRM down by a
 * slip; `--yes` is for scripts. What touches nothing (`--dry-run`, `--only-prove`) needs neither.
 *
 * @returns 0 when a run has begun, 1 when the API refused it, or the name was not typed.
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function shutdownCommand(argv: string[]): Promise<number> {
  const values = readOptions('shutdown', argv, OPTIONS);
  const { system, at, reason, emergency, force, verification, yes, api, json } = values;
  if (system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const body: RunInput = defined({
    at,
    backAt: values['back-at'],
    reason,
    dryRun: values['dry-run'],
    onlyProve: values['only-prove'],
    emergency,
    force,
    verification: verificationOf(verification),
  });
  const url = apiUrl(api);
  const isHarmless = body.dryRun === true || body.onlyProve === true;
  if (!isHarmless && yes !== true && !(await isMeant(system, body))) {
    process.stdout.write('Nothing was asked for.\n');
    return 1;
  }
  const path = `/systems/${encodeURIComponent(system)}/shutdowns`;
  const answer = await callOperatorApi(url, 'POST', path, body);
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(system, body, answer));
  return answer.status === 202 ? 0 : 1;
}

function verificationOf(text: string | undefined): RunInput['verification'] {
  if (text === undefined || text === 'full' || text === 'none') return text;
  throw new BadInputError(`--verification ${shown(text)}: expected "full" or "none"`);
}

/** Shows what is asked for, and lets the name of the system be typed. */
async function isMeant(system: string, { at, backAt, emergency, verification }: RunInput): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new BadInputError(
      'nobody can type the name of the system here; expected a terminal, or --yes in a script',
    );
  process.stdout.write(
    [
      `${system} is to be shut down: users are out ${emergency === true ? 'now, without notice' : (at ?? 'after the longest notice')}, back ${backAt ?? 'at a time that will be announced'}.`,
      ...(verification === 'none' ? ['Its backup is not proved before the database is stopped.'] : []),
      '',
    ].join('\n'),
  );
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Type the name of the system to go on: ')).trim() === system;
  } finally {
    terminal.close();
  }
}

function textOf(system: string, { dryRun, onlyProve }: RunInput, answer: ApiAnswer): string {
  if (answer.status !== 202) return refusalText(`${system} is not shut down`, answer);
  const { run } = answer.body;
  const what =
    dryRun === true
      ? `${system}: the plan is being made`
      : onlyProve === true
        ? `${system}: a backup is being taken and proved`
        : `${system} is being shut down`;
  return `${what} by run ${run}. To follow it: lights-out status ${run} --watch\n`;
}
