import { expect, test } from 'vitest';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from '../sweep/standing.ts';

/** Each fault of the world is seen to happen, and what came of the run. */
const stage = standing();
const { out } = stage;
async function run(...faults: object[]) {
  return await stage.world.run(
    { out, faults: parseFaults(JSON.stringify(faults)), input: {} },
    async ({ record, broken, execution }, sandbox) => ({
      outcome: record.outcome,
      error: record.error?.name,
      message: record.error?.message ?? '',
      status: execution.status,
      resources: record.resources,
      unused: record.unusedFaults,
      broken,
      others: [...sandbox.executions.all.values()]
        .filter((other) => other !== execution && other.machine === execution.machine)
        .map(({ status, error, cause }) => ({ status, error, cause })),
      mails: sandbox.mailbox.mails.map(({ kind }) => kind),
      arn: execution.arn,
    }),
  );
}

test.each([
  [{ world: 'restore-fails', status: 'storage-full' }, 'rolled-back', 'RestoreFailed', '"storage-full"'],
  [{ world: 'quota-reached', quota: 'snapshots' }, 'failed', 'PlanRejected', 'RDS quota of manual snapshots'],
  [
    { world: 'quota-reached', quota: 'snapshots', at: 'Drain sessions' },
    'rolled-back',
    'SnapshotFailed',
    'its quota of manual snapshots',
  ],
  [
    { world: 'quota-reached', quota: 'instances', at: 'Drain sessions' },
    'rolled-back',
    'RestoreFailed',
    'its quota of DB instances',
  ],
  [
    { world: 'database-busy', status: 'storage-optimization', minutes: 120 },
    'failed',
    'PlanRejected',
    '"storage-optimization"',
  ],
  [{ world: 'stop-protection' }, 'failed', 'PlanRejected', 'stop protection'],
  [
    { world: 'database-status', status: 'storage-full', at: 'Stop database' },
    'partly-off',
    'PartlyOff',
    'is "storage-full"',
  ],
])('%j: %s, %s', { timeout: 240_000 }, async (fault, outcome, error, words) => {
  const found = await run(fault);

  expect({ ...found, message: '', mails: [] }).toMatchObject({ outcome, error, unused: [], broken: [] });
  expect(found.message).toContain(words);
});

test('a database that is being backed up is waited for', { timeout: 240_000 }, async () => {
  const found = await run({ world: 'database-busy', minutes: 12 });

  expect(found).toMatchObject({ outcome: 'succeeded', unused: [], broken: [] });
});

test('a database that fails while the run rolls back is told as not available', {
  timeout: 240_000,
}, async () => {
  const found = await run({ world: 'database-status', status: 'storage-full', at: 'Stop services' });

  expect(found).toMatchObject({ outcome: 'failed', status: 'FAILED', unused: [], broken: [] });
  expect(found.mails).toContain('partly-off');
  expect(found.mails).not.toContain('rolled-back');
});

test('a server that Auto Scaling replaced is gone, and said to be', { timeout: 240_000 }, async () => {
  const found = await run({ world: 'server-replaced' });

  expect(found).toMatchObject({ unused: [], broken: [] });
  expect(Object.values(found.resources.servers)).toContain('terminated');
});

test('a second run is refused and names the first', { timeout: 240_000 }, async () => {
  const found = await run({ world: 'second-run', at: 'Announce' });

  expect(found).toMatchObject({ outcome: 'succeeded', unused: [], broken: [] });
  expect(found.others).toMatchObject([{ status: 'FAILED', error: 'RunInProgress' }]);
  expect(found.others[0]?.cause).toContain(found.arn);
});

test('an operator stops the execution at a state', { timeout: 240_000 }, async () => {
  const found = await run({ world: 'operator-aborts', at: 'Announce' });

  expect(found).toMatchObject({ status: 'ABORTED', unused: [] });
});

test('a state that does not exist is refused', { timeout: 240_000 }, async () => {
  await expect(run({ world: 'second-run', at: 'Lunch' })).rejects.toThrow(
    /^--faults\[0\]\.at "Lunch": no such state; expected one of: .*Take snapshot/,
  );
});

test.each([
  { invocation: 'snapshot', kind: 'twice' },
  { invocation: 'snapshot', kind: 'twice-at-once' },
  { invocation: 'database', kind: 'lose-answer' },
  { invocation: 'restore', kind: 'throttle', times: 2 },
  { service: 'rds', operation: 'DescribeDBSnapshots', nth: 2, kind: 'stale' },
  { service: 'rds', operation: 'StopDBInstance', kind: 'slow' },
  { service: 'rds', operation: 'CreateDBSnapshot', kind: 'time-out-function' },
  { service: 'rds', operation: 'CreateDBSnapshot', kind: 'kill-function', when: 'before' },
])('%j happens, and the run succeeds all the same', { timeout: 240_000 }, async (fault) => {
  expect(await run(fault)).toMatchObject({ outcome: 'succeeded', unused: [], broken: [] });
});
