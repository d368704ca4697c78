import { BadInputError } from '../sandbox/bad-input.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions } from './options.ts';

const OPTIONS = {
  system: { type: 'string' },
  reason: { type: 'string' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out release`: marks a system that was shut down as meant to be on, so that nothing stops it again. The system's evidence keeps
 * the caller, the time and the reason.
 *
 * @returns 0 when the system is now meant to be on, 1 when the API refused it (a run is in progress, no permission).
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function releaseCommand(argv: string[]): Promise<number> {
  const { system, reason, api, json } = readOptions('release', argv, OPTIONS);
  if (system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const path = `/systems/${encodeURIComponent(system)}/release`;
  const answer = await callOperatorApi(apiUrl(api), 'POST', path, reason === undefined ? {} : { reason });
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(system, answer));
  return answer.status === 200 ? 0 : 1;
}

function textOf(system: string, answer: ApiAnswer): string {
  const { status, body } = answer;
  if (status !== 200) return refusalText(`${system} was not released`, answer);
  if (body['released'] === true)
    return `${system} is released: nothing stops it again. Start it when you are ready.\n`;
  const by = body['by'] === undefined ? '' : ` (since ${body['since']}, by ${body['by']})`;
  return `${system} is meant to be on already${by}: nothing changed.\n`;
}
