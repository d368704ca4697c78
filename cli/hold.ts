import { defined } from '../functions/contract/defined.ts';
import type { Hold } from '../functions/contract/holds.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions } from './options.ts';

const OPTIONS = {
  system: { type: 'string' },
  until: { type: 'string' },
  from: { type: 'string' },
  reason: { type: 'string' },
  list: { type: 'boolean' },
  end: { type: 'string' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out hold`: keeps a system from being shut down until a time, shows what holds it (`--list`), or ends a hold before its time
 * (`--end`). It holds shutdowns, never start-ups.
 *
 * @returns 0 when it is done, 1 when the API refused it.
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function holdCommand(argv: string[]): Promise<number> {
  const values = readOptions('hold', argv, OPTIONS);
  const { system, until, from, reason, list, end, api, json } = values;
  if (system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const kinds = [until, list, end].filter((each) => each !== undefined);
  if (kinds.length !== 1)
    throw new BadInputError(
      'expected one of --until TIME (with --reason TEXT), --list and --end ID, e.g. --until 2026-12-31T18:00:00+08:00 --reason "Closing of the year"',
    );
  if (until !== undefined && reason === undefined)
    throw new BadInputError('--reason: missing; expected why, e.g. --reason "Closing of the year"');
  const path = `/systems/${encodeURIComponent(system)}/holds`;
  const url = apiUrl(api);
  const answer =
    end !== undefined
      ? await callOperatorApi(url, 'DELETE', `${path}/${encodeURIComponent(end)}`)
      : list === true
        ? await callOperatorApi(url, 'GET', path)
        : await callOperatorApi(url, 'POST', path, defined({ from, until, reason }));
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(system, answer));
  return answer.status === 200 || answer.status === 201 ? 0 : 1;
}

function textOf(system: string, answer: ApiAnswer): string {
  const { status, body } = answer;
  if (status !== 200 && status !== 201) return refusalText(`${system}: nothing was changed`, answer);
  const holds = (body['holds'] ?? [body['hold']]) as Hold[];
  if (holds.length === 0) return `${system} is not held.\n`;
  return holds.map((hold) => `${lineOf(system, hold)}\n`).join('');
}

function lineOf(system: string, { id, from, until, reason, by, ended }: Hold): string {
  const what = ended === undefined ? 'is held' : `is not held any more (ended at ${ended.at})`;
  return `${system} ${what}: from ${from} until ${until}, by ${shown(by.name)}: ${shown(reason)} (id ${id})`;
}
