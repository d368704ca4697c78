import type { SystemConfig } from '../../functions/contract/config.ts';
import type { Aftermath } from '../rehearsal/aftermath.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { SweepCase } from './case.ts';
import { secretsFound } from './secrets.ts';
import { type Belongings, everything, type Sequel } from './sequels.ts';

/** Who is told of a start, and killed before noting that, tells again: more often than this for each thing is more than a fault explains. */
const TOLD_AT_MOST = 3;

/**
 * Looks from the outside at what came after a shutdown: the system is as it is meant to be, what was left behind is gone and nothing else is, the
 * operators were told, and where what watches failed to the end, an alarm says so.
 *
 * @returns a sentence for each thing that does not hold.
 */
export async function judgeSequel(
  sequel: Sequel,
  { record, aftermath, execution }: Rehearsal,
  sandbox: Sandbox,
  { sequel: how }: SweepCase,
  { stays, goes, out, canary }: Belongings & { out: string; canary: string },
): Promise<string[]> {
  const wrong: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(sentence);
  };
  say(record.outcome === 'succeeded', `the run before ended as "${record.outcome}" (${record.error?.name})`);
  const last = aftermath.at(-1)?.resources;
  if (last === undefined) throw new Error('nothing came after the run');
  const { config } = sandbox.executions.deployment;
  wrong.push(...notAsMeant(sequel, last, config));
  say(last.locks.length === 0, `2: left behind: ${last.locks.join(', ')}`);
  const there = new Set(everything(sandbox));
  for (const id of stays) say(there.has(id), `4: ${id} was deleted`);
  for (const id of goes) say(!there.has(id), `2: ${id} was not deleted`);

  const alarms = alarmsOf(sandbox, execution);
  if (how?.mends === true) {
    // While it lasted nobody could see to what was to be done: then somebody has to know.
    const meanwhile = aftermath[sequel.steps.length - 1]?.resources ?? last;
    const open = [
      ...notAsMeant(sequel, meanwhile, config),
      ...meanwhile.testInstances.filter((id) => goes.includes(`instance ${id}`)),
      ...meanwhile.testVolumes.filter((id) => goes.includes(`volume ${id}`)),
    ];
    const isSeenTo =
      alarms.length > 0 || sandbox.mailbox.mails.some(({ kind }) => kind === 'started-by-hand');
    say(open.length === 0 || isSeenTo, `alarm: nobody was told while the fault lasted: ${open.join('; ')}`);
  } else for (const alarm of alarms) wrong.push(`alarm: a fault that passes raised one: ${alarm}`);
  wrong.push(...mailsTold(sequel, sandbox, { isAlarmed: alarms.length > 0, lasts: how?.mends === true }));
  wrong.push(...(await secretsFound(sandbox, out, canary)));
  return wrong;
}

/** Database and servers that are not as the sequel leaves them. */
function notAsMeant(
  { wanted }: Sequel,
  { database, servers }: Aftermath['resources'],
  config: SystemConfig,
): string[] {
  // Where it is on, one server was started.
  const isOn = (index: number): boolean => wanted === 'on' && index === 0;
  const found = [
    { name: 'the database', state: database, expected: wanted === 'on' ? 'available' : 'stopped' },
    ...config.servers.map(({ name, instanceId }, index) => ({
      name,
      state: servers[instanceId],
      expected: isOn(index) ? 'running' : 'stopped',
    })),
  ];
  return found
    .filter(({ state, expected }) => state !== expected)
    .map(({ name, state, expected }) => `3: ${name} is "${state}", expected "${expected}"`);
}

/** What the alarms of the stack look at: a call of the watch or the sweeper that was given up, an execution of KeepStopped that failed. */
function alarmsOf({ bus, executions }: Sandbox, run: Rehearsal['execution']): string[] {
  return [
    ...bus.undelivered.map(({ message }) => message),
    ...[...executions.all.values()]
      .filter((each) => each !== run && ['FAILED', 'TIMED_OUT'].includes(each.status))
      .map(({ arn, status, error, cause }) => `${arn} is ${status} (${error}: ${cause})`),
  ];
}

/**
 * Each start, and each deletion, is told by name, and not over and over. An alarm takes the place of what could not be told; while a fault lasts, one mail of a start that of the
 * other kind.
 */
function mailsTold(
  { tells }: Sequel,
  { mailbox, executions }: Sandbox,
  { isAlarmed, lasts }: { isAlarmed: boolean; lasts: boolean },
): string[] {
  const wrong: string[] = [];
  const { database, notices } = executions.deployment.config;
  const count = Object.values(tells).reduce((sum, { length }) => sum + Math.max(1, length), 0);
  for (const { address } of notices.operators) {
    for (const [kind, names] of Object.entries(tells)) {
      const mails = mailbox.mails.filter(
        (mail) => (mail.kind === kind || (lasts && mail.kind in tells)) && mail.to.includes(address),
      );
      if (mails.length === 0 && !isAlarmed) wrong.push(`truth: an operator got no mail "${kind}"`);
      if (!lasts && mails.length > TOLD_AT_MOST * count)
        wrong.push(`truth: an operator got the mail "${kind}" ${mails.length} times`);
      const text = mails.map((mail) => `${mail.subject} ${mail.text}`).join('\n');
      for (const name of names) {
        const called = name === 'database' ? database.identifier : name;
        if (mails.length > 0 && !text.includes(called) && !isAlarmed)
          wrong.push(`truth: no mail "${kind}" names ${called}`);
      }
    }
  }
  return wrong;
}
