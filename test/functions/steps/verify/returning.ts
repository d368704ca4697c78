import type { Manifest } from '../../../../engines/manifest.ts';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import type { Confirmation, ConfirmPlan } from '../../../../functions/contract/startup-state.ts';
import { handler, type VerifyEvent } from '../../../../functions/steps/verify/handler.ts';
import { execution, system } from '../../fixtures.ts';
import { SHUTDOWN_FOLDER, STARTUP_FOLDER, startupPlan, startupRun } from '../../startup-world.ts';

export const EVIDENCE = `${STARTUP_FOLDER}/confirmation.json`;
export const SOURCE = `${SHUTDOWN_FOLDER}/manifest-source.json`;
export const ACCEPT = { reason: 'a migration', by: 'arn:anna' };

/** What was put away, or what comes back: tables by name. */
export const manifest = (
  tables: Record<string, [rows: number, digest: string]> = { t: [3, '17'] },
): Manifest => ({
  engine: 'postgres',
  engineVersion: '17.4',
  server: { address: 'crm-db.old', port: 5432, startedAt: '2026-11-25T14:00:00.000Z' },
  recordedAt: '2026-11-25T14:10:00.000Z',
  databases: [
    {
      name: 'crm',
      schema: {},
      sequences: {},
      tables: Object.entries(tables).map(([name, [rows, digest]]) => ({ name, rows, digest })),
      notCompared: [],
    },
  ],
});

/** A plan that compares, with who would accept a difference. */
export const full = (accept?: typeof ACCEPT): ConfirmPlan => ({
  policy: 'full',
  manifestOf: SOURCE,
  ...(accept === undefined ? {} : { accept }),
});

/** What a call of the step is given. */
export interface Given {
  plan?: ConfirmPlan;
  startup?: SystemConfigInput['startup'];
  previous?: Confirmation;
}

/** The event of a start-up that confirms the data of a database which answers at another endpoint than before. */
export const event = (
  action: 'return' | 'read-return',
  { plan = full(), startup, previous }: Given = {},
): VerifyEvent =>
  ({
    action,
    execution,
    state: {
      run: startupRun(),
      config: system(startup === undefined ? {} : { startup }),
      wake: startupPlan({ confirm: plan }),
      database: { done: true, address: 'crm-db.example', port: 5433 },
      ...(previous === undefined ? {} : { confirmation: previous }),
    },
  }) as VerifyEvent;

export const confirm = async (given?: Given): Promise<Confirmation> =>
  (await handler(event('return', given))) as Confirmation;

/** The answer of a call so many seconds after the step began. */
export const begun = (secondsAgo: number): Confirmation => ({
  done: false,
  waitSeconds: 1,
  since: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  outcome: 'under way',
  equal: false,
  tables: 0,
  rows: 0,
  key: EVIDENCE,
});
