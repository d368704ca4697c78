import { allOn, filesWith } from './invariants.ts';
import type { RunRecord } from './run-record.ts';
import type { Sandbox } from './sandbox.ts';

/** The invariants of a start-up, looked at from the outside. @returns a sentence for each that does not hold. */
export async function brokenByStartup(record: RunRecord, sandbox: Sandbox, out: string): Promise<string[]> {
  const broken: string[] = [];
  const { resources, outcome, confirmation, backAt } = record;
  const told = [...sandbox.mailbox.mails, ...sandbox.rooms.messages];
  const events = told.filter(({ runId }) => runId === record.runId).map(({ kind }) => kind);
  const left = [
    ...resources.testInstances.map((name) => `test instance ${name}`),
    ...resources.testVolumes.map((id) => `test volume ${id}`),
    ...resources.locks.map((name) => `lock ${name}`),
  ];
  if (left.length > 0) broken.push(`2: left behind: ${left.join(', ')}`);
  const operatorsTold = events.some((kind) => kind === 'partly-on' || kind === 'startup-not-begun');
  if (resources.maintenance && outcome !== 'planned' && !operatorsTold)
    broken.push('2: maintenance mode is on after a start-up, and no operator was told why it stays');
  if (outcome === 'succeeded' && !allOn(record))
    broken.push('3: the run says succeeded, but not everything is on');
  if (outcome === 'succeeded' && resources.maintenance)
    broken.push('3: the run says succeeded, but maintenance mode is on');
  if (!allOn(record) && outcome === 'already-on')
    broken.push('3: the run says already on, but not everything is on');
  if (sandbox.calls.calls.some((call) => /^DeleteDB(Cluster)?Snapshot$/.test(call.operation)))
    broken.push('4: a snapshot was deleted');
  for (const secret of [...sandbox.databases.secrets, ...sandbox.rooms.secrets])
    for (const file of await filesWith(out, secret)) broken.push(`5: a secret stands in ${file}`);
  const usersTold = events.includes('back');
  const { from, webhooks } = sandbox.executions.deployment.config.notices;
  const mayTellUsers = from !== undefined || webhooks.some(({ audiences }) => audiences.includes('users'));
  if (outcome === 'succeeded' && mayTellUsers && !usersTold)
    broken.push('6: users were told that the system goes away, and not that it is back');
  if (usersTold && backAt === undefined)
    broken.push('6: users were told that the system is back, and it is not');
  // Let in by this run: then on record, how its data are known.
  if (backAt !== undefined && confirmation === undefined)
    broken.push('7: users were let in, and nothing on record says whether the data are what was put away');
  return broken;
}
