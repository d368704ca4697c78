import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStatus } from '../functions/contract/run-status.ts';
import { apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions, runArgument } from './options.ts';

const OPTIONS = {
  watch: { type: 'boolean' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Pause between two looks of `--watch`, in milliseconds. */
const PAUSE_MS = 10_000;

/**
 * `lights-out status RUN`: says how a run is. With `--watch` it looks every ten seconds, says what has changed, and ends with the run.
 *
 * @param pauseMs between two looks. Default ten seconds.
 * @returns 0 when the run is under way or ended well, 1 when it did not end well, or the API refused to say.
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function statusCommand(argv: string[], pauseMs = PAUSE_MS): Promise<number> {
  const { run, rest } = runArgument('status', argv);
  const { watch, api, json } = readOptions('status', rest, OPTIONS);
  const url = apiUrl(api);
  let shown = '';
  for (;;) {
    const answer = await callOperatorApi(url, 'GET', `/runs/${encodeURIComponent(run)}`);
    if (answer.status !== 200) {
      process.stdout.write(refusalText(`${run}: nothing is known`, answer));
      return 1;
    }
    const status = answer.body as unknown as RunStatus;
    const text = json === true ? `${JSON.stringify(status, null, 2)}\n` : textOf(status);
    if (text !== shown) process.stdout.write(text);
    shown = text;
    if (status.endedAt !== undefined) return status.status === 'SUCCEEDED' ? 0 : 1;
    if (watch !== true) return 0;
    await sleep(pauseMs);
  }
}

function textOf({
  run,
  action,
  runId,
  status,
  outcome,
  startedAt,
  endedAt,
  error,
  cause,
  approval,
}: RunStatus): string {
  const lines = [
    `${run} (${action}, ${runId}): ${outcome ?? status}`,
    `  began ${startedAt}${endedAt === undefined ? '' : `, ended ${endedAt}`}`,
    ...(error === undefined ? [] : [`  ${error}: ${cause ?? ''}`]),
    ...(approval === undefined
      ? []
      : [`  approvals: ${approval.approvedBy.length} of ${approval.needed}${list(approval.approvedBy)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

const list = (people: string[]): string => (people.length === 0 ? '' : ` (${people.join(', ')})`);
