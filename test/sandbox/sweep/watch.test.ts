import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AfterStep } from '../../../sandbox/rehearsal/aftermath.ts';
import type { Sandbox } from '../../../sandbox/rehearsal/sandbox.ts';
import type { Snapshot } from '../../../sandbox/world/database/instance.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** What comes after a run, in whole: watch, KeepStopped, sweeper and retention in a system that is stopped again by policy. */
const stage = standing('kept');
const { out: root } = stage;
let runs = 0;

/** A run, what else there is in the world then, what comes after it, and a look. */
async function shutDownAnd<Seen>(
  {
    faults = [],
    steps,
    add = () => undefined,
  }: { faults?: object[]; steps: AfterStep[]; add?: (sandbox: Sandbox) => void },
  look: (
    aftermath: { database: string; on: string[]; mails: string[]; testInstances: string[]; run?: string }[],
    sandbox: Sandbox,
  ) => Seen,
): Promise<Seen> {
  runs += 1;
  const out = join(root, `run-${runs}`);
  const addAndGoOn = (_ended: unknown, sandbox: Sandbox): AfterStep[] => {
    add(sandbox);
    return steps;
  };
  return stage.world.run(
    { out, faults: parseFaults(JSON.stringify(faults)), input: {}, after: addAndGoOn },
    async ({ aftermath }, sandbox) =>
      look(
        aftermath.map(({ database, servers, mails, testInstances, run }) => ({
          database,
          on: Object.values(servers).filter((state) => state !== 'stopped'),
          mails,
          testInstances,
          ...(run === undefined ? {} : { run: run.status }),
        })),
        sandbox,
      ),
  );
}

const off = (mails: string[]) => ({ database: 'stopped', on: [], mails, testInstances: [] });
const WHAT_STOPS = ['started-by-hand', 'kept-stopped'];

describe('after a shutdown, in a system whose drift is stopped', { timeout: 400_000 }, () => {
  it('what somebody starts is told and stopped again, each time, until the system is released', async () => {
    const seen = await shutDownAnd(
      {
        steps: [
          { start: 'web-1' },
          { hours: 3 },
          { start: 'database' },
          { hours: 3 },
          { release: 'Monday' },
          { start: 'database' },
          { start: 'web-1' },
          { hours: 3 },
        ],
      },
      (aftermath) => aftermath,
    );

    const together = (first: number): string[] =>
      seen
        .slice(first, first + 2)
        .flatMap(({ mails }) => mails)
        .sort();
    expect(together(0)).toEqual([...WHAT_STOPS].sort());
    expect(seen[1]).toMatchObject({ database: 'stopped', on: [] });
    expect(together(2)).toEqual([...WHAT_STOPS].sort());
    expect(seen[3]).toMatchObject({ database: 'stopped', on: [] });
    expect(seen.at(-1)).toMatchObject({ database: 'available', on: ['running'], mails: [] });
  });

  it('what RDS starts after seven days is stopped again, three times in a row', async () => {
    const seen = await shutDownAnd(
      { steps: [{ days: 7.5 }, { days: 7.2 }, { days: 7.2 }] },
      (aftermath) => aftermath,
    );

    expect(seen).toEqual([off(['kept-stopped']), off(['kept-stopped']), off(['kept-stopped'])]);
  });
});

describe('what a run has left behind', { timeout: 120_000 }, () => {
  it('a test instance is found and deleted once its run has been over for two hours; others never', async () => {
    // Its deletion is refused until the end of the run.
    const faults = [
      { service: 'rds', operation: 'DeleteDBInstance', function: 'restore', kind: 'error', times: 1000 },
    ];
    let left: string | undefined;
    const others = ['somebody-elses', 'lights-out-kept-20200101-0000-00000000'];
    const add = ({ databases }: Sandbox): void => {
      [left] = databases.resources().testInstances;
      const tags = databases.instances.get(left ?? '')?.tags ?? [];
      for (const name of others) databases.addInstance(name, { status: 'available', tags });
    };
    const seen = await shutDownAnd(
      { faults, add, steps: [{ hours: 1.1 }, { hours: 4 }] },
      (aftermath) => aftermath,
    );

    expect(left).toMatch(/^lights-out-kept-/);
    expect(seen.map(({ testInstances }) => testInstances)).toEqual([[left, ...others], others]);
    expect(seen.flatMap(({ mails }) => mails).filter((kind) => kind === 'swept')).toHaveLength(1);
  });
});

describe('which snapshots are kept', { timeout: 180_000 }, () => {
  it('the newest verified ones, however old; what is not verified or not ours is never deleted', async () => {
    const again: AfterStep[] = [{ release: 'again' }, { start: 'database' }, { start: 'web-1' }];
    const servers: AfterStep[] = [{ start: 'app-1' }, { start: 'worker-1' }];
    const next: AfterStep[] = [...again, ...servers, { run: {} }, { days: 2 }];
    const foreign = ['before-the-migration', 'lights-out-kept-20200101-0000-00000000'];
    let first = '';
    const add = ({ databases }: Sandbox): void => {
      const [own] = databases.snapshots.values();
      if (own === undefined) throw new Error('the run took no snapshot');
      first = own.identifier;
      for (const identifier of foreign) {
        const changes: Partial<Snapshot> = identifier === foreign[0] ? { tags: [] } : {};
        const arn = databases.arn('snapshot', identifier);
        databases.snapshots.set(identifier, { ...own, identifier, arn, ...changes });
      }
    };
    const seen = await shutDownAnd(
      { add, steps: [{ days: 2 }, ...next, ...next] },
      (aftermath, { databases }) => ({
        aftermath,
        snapshots: [...databases.snapshots.keys()],
      }),
    );

    expect(seen.aftermath.flatMap(({ run }) => run ?? [])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    // Two are kept whatever their age: only when there is a third one, the first goes.
    const told = seen.aftermath.map(({ mails }) => mails.filter((kind) => kind === 'retained').length);
    expect(told).toEqual([...Array(told.length - 1).fill(0), 1]);
    expect(seen.snapshots.filter((name) => !foreign.includes(name))).toHaveLength(2);
    expect(seen.snapshots).not.toContain(first);
    expect(seen.snapshots).toEqual(expect.arrayContaining(foreign));
  });
});
