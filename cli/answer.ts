import { defined } from '../functions/contract/defined.ts';
import { type ApiAnswer, apiUrl, callOperatorApi, refusalText } from './operator-api.ts';
import { readOptions, runArgument } from './options.ts';

const OPTIONS = {
  comment: { type: 'string' },
  api: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out approve RUN` and `lights-out deny RUN`: answers a run that waits for a second person, as whoever the AWS credentials of this machine are.
 *
 * @returns 0 when the answer counts, 1 when the API refused it (not an approver, the requester, not waiting any more).
 * @throws BadInputError when an option is wrong or the API cannot be asked. The command then ends with 2.
 */
export async function answerCommand(decision: 'approve' | 'deny', argv: string[]): Promise<number> {
  const { run, rest } = runArgument(decision, argv);
  const { comment, api, json } = readOptions(decision, rest, OPTIONS);
  const path = `/runs/${encodeURIComponent(run)}/approval`;
  const answer = await callOperatorApi(apiUrl(api), 'POST', path, { decision, ...defined({ comment }) });
  if (json === true) process.stdout.write(`${JSON.stringify(answer.body, null, 2)}\n`);
  else process.stdout.write(textOf(run, decision, answer));
  return answer.status === 200 ? 0 : 1;
}

function textOf(run: string, decision: 'approve' | 'deny', answer: ApiAnswer): string {
  if (answer.status !== 200) return refusalText(`${run}: the answer does not count`, answer);
  return `${run}: ${decision === 'approve' ? 'approved' : 'denied'}; ${answer.body['next']}.\n`;
}
