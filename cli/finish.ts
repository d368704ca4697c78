import { BadInputError } from '../sandbox/bad-input.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions } from './options.ts';

const OPTIONS = {
  system: { type: 'string' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out finish`: brings a system to what it is meant to be. Meant to be off, the state machine KeepStopped switches off what is on, under
 * the proof of the shutdown. Else a start-up brings it back.
 *
 * @returns 0 when it has begun, 1 when the API refused it (a run is in progress, no permission).
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function finishCommand(argv: string[]): Promise<number> {
  const { system, api, json } = readOptions('finish', argv, OPTIONS);
  if (system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const path = `/systems/${encodeURIComponent(system)}/finish`;
  const answer = await callOperatorApi(apiUrl(api), 'POST', path, {});
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(system, answer));
  return answer.status === 202 ? 0 : 1;
}

function textOf(system: string, answer: ApiAnswer): string {
  if (answer.status !== 202) return refusalText(`${system} was not finished`, answer);
  const what =
    answer.body['wanted'] === 'off'
      ? `What is still on of ${system} is being switched off; the operators are told when it is off.`
      : `What is down of ${system} is being started, and users are let in; the operators are told how it ends.`;
  return `${what}\nTo watch it: ${answer.body['execution']}\n`;
}
