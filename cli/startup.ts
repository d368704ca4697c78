import { defined } from '../functions/contract/defined.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions } from './options.ts';

const OPTIONS = {
  system: { type: 'string' },
  api: { type: 'string' },
  'back-at': { type: 'string' },
  'accept-differences': { type: 'string' },
  'dry-run': { type: 'boolean' },
  reason: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out startup`: brings a system back that a shutdown has put away. It may be said as often as needed: a start-up goes on where an
 * earlier one ended.
 *
 * @returns 0 when a start-up has begun, 1 when the API refused it.
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function startupCommand(argv: string[]): Promise<number> {
  const values = readOptions('startup', argv, OPTIONS);
  const { system, api, reason, json } = values;
  if (system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const path = `/systems/${encodeURIComponent(system)}/startups`;
  const body = defined({
    backAt: values['back-at'],
    acceptDifferences: values['accept-differences'],
    dryRun: values['dry-run'],
    reason,
  });
  const answer = await callOperatorApi(apiUrl(api), 'POST', path, body);
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(system, answer));
  return answer.status === 202 ? 0 : 1;
}

function textOf(system: string, answer: ApiAnswer): string {
  if (answer.status !== 202) return refusalText(`${system} is not brought back`, answer);
  return `${system} is being brought back by run ${answer.body['run']}. The operators are told how it ends.\n`;
}
