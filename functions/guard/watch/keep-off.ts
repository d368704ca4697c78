import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import type { KeepInput } from '../../contract/watch.ts';
import { sendNotice } from '../../notices/send.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { type Intent, readIntent } from '../intent.ts';
import { livingHolder } from '../lock.ts';
import type { Hint } from './events.ts';
import { wasForced } from './forced-start.ts';
import { startOnce } from './start-once.ts';
import { readTold, writeTold } from './told-record.ts';

export interface Watched {
  outcome: 'meant to be on' | 'run in progress' | 'off' | 'started';
  /** Resources that are on and meant to be off: `database crm-db`, `server web-1`. */
  forced: string[];
  byHand: string[];
  /** Mails sent. */
  sent: number;
}

/** One look. Each start is reported once. */
export async function keepOff(hint: Hint): Promise<Watched> {
  const config = await readConfiguration();
  const intent = (await readIntent(config.name))?.value;
  const nothing = { forced: [], byHand: [], sent: 0 };
  if (intent?.wanted !== 'off' || intent.run === undefined) return { outcome: 'meant to be on', ...nothing };
  if ((await livingHolder(config.name)) !== undefined) return { outcome: 'run in progress', ...nothing };

  const states = await statesOf(config);
  const on = Object.keys(states).filter((name) => !OFF.has(states[name] ?? ''));
  const database = `database ${config.database.identifier}`;
  const forced =
    on.includes(database) && (hint.forced || (await wasForced(config, intent.stoppedAt))) ? [database] : [];
  const byHand = on.filter((name) => !forced.includes(name));
  const run = {
    runId: intent.run.id,
    ...defined({ stoppedAt: intent.stoppedAt }),
  };
  if (forced.length > 0) await startKeeping({ cause: 'forced-start', targets: ['database'], ...run });

  const told = await readTold(config.name, intent.run.id, intent.stillOn ?? []);
  const fresh = byHand.filter((name) => !told.names.includes(name));
  // The person who stopped the shutdown on its way wants running resources to stay on. The operators are told and nothing is stopped.
  const stopsAgain = config.drift === 'stop' && intent.aborted !== true && byHand.length > 0;
  // The operators are told of a start even if KeepStopped cannot be started; the start of KeepStopped is tried again.
  const failures: unknown[] = [];
  if (stopsAgain) {
    await startKeeping({ cause: 'started-by-hand', targets: targetsOf(byHand), ...run }).catch(
      (error: unknown) => failures.push(error),
    );
  }
  const sent = fresh.length === 0 ? 0 : await tell({ config, intent, hint, fresh, states, stopsAgain });
  await writeTold(config.name, told, byHand);
  if (failures.length > 0) throw failures[0];
  return { outcome: on.length === 0 ? 'off' : 'started', forced, byHand, sent };
}

function startKeeping(input: KeepInput): Promise<void> {
  return startOnce(input.cause, environmentVariable(EnvironmentVariable.KeepStoppedArn), input);
}

/** A server that is `terminated` or `not there` is not on. Why it is gone cannot be found out here. */
const OFF = new Set(['stopped', 'stopping', 'terminated', 'shutting-down', 'not there', 'deleting']);

async function statesOf(config: SystemConfig): Promise<Record<string, string>> {
  const kind = databaseKindOf(config);
  const [status, servers] = await Promise.all([
    kind.status(config.database.identifier),
    serverStates(config),
  ]);
  // A terminal status is a fault of the database, not a start. RDS's own events and the next run's plan report it.
  const database = status === undefined || kind.terminal.has(status) ? 'not there' : status;
  return {
    [`database ${config.database.identifier}`]: database,
    ...Object.fromEntries([...servers].map(([name, state]) => [`server ${name}`, state])),
  };
}

function targetsOf(names: string[]): ('database' | 'servers')[] {
  const database = names.some((name) => name.startsWith('database '));
  const servers = names.some((name) => name.startsWith('server '));
  return [...(database ? ['database' as const] : []), ...(servers ? ['servers' as const] : [])];
}

async function tell(facts: {
  config: SystemConfig;
  intent: Intent;
  hint: Hint;
  fresh: string[];
  states: Record<string, string>;
  stopsAgain: boolean;
}): Promise<number> {
  const { config, intent, hint, fresh, states, stopsAgain } = facts;
  const { sent } = await sendNotice(
    config,
    {
      kind: 'started-by-hand',
      audience: 'operators',
      facts: {
        runId: intent.run?.id ?? '',
        system: config.name,
        displayName: config.displayName,
        timeZone: config.timeZone,
        at: new Date(Date.now()).toISOString(),
        started: fresh,
        resources: Object.entries(states).map(([name, state]) => ({ name, state })),
        ...defined({ startedBy: hint.startedBy }),
        ...(stopsAgain ? { stoppedAgain: true } : {}),
        ...(intent.aborted === true ? { aborted: true } : {}),
      },
    },
    { required: true },
  );
  return sent;
}
