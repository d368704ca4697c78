import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { rehearseScenario, type Scenario } from '../support/rehearsals.ts';

const folders: string[] = [];
async function run(scenario: Scenario = {}) {
  const rehearsal = await rehearseScenario(scenario);
  folders.push(rehearsal.out);
  return rehearsal;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const evidence = (out: string, name: string): string => {
  const folder = join(out, 'evidence', 'runs', 'crm');
  const [runId = ''] = readdirSync(folder);
  return readFileSync(join(folder, runId, name), 'utf8');
};

const operations = (out: string): string[] =>
  readFileSync(join(out, 'calls.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { operation: string }).operation);

const allOn = { testInstances: [], testVolumes: [], locks: [], maintenance: false };

describe('the CRM’s files in a shutdown', { timeout: 120_000 }, () => {
  it('are in a completed snapshot of every volume before anything is switched off, and the evidence names each', async () => {
    const { record, broken, exitCode, out } = await run();

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    // Three servers with a boot volume each, two of them with a data volume.
    const snapshots = record.files?.snapshots ?? [];
    expect(snapshots.map(({ server }) => server)).toEqual(['web-1', 'web-1', 'app-1', 'app-1', 'worker-1']);
    const order = operations(out);
    expect(order.filter((operation) => operation === 'CreateSnapshots')).toHaveLength(3);
    expect(order.indexOf('CreateSnapshots')).toBeLessThan(order.indexOf('StopInstances'));

    const certificate = JSON.parse(evidence(out, 'certificate.json'));
    expect(certificate.files).toMatchObject({ confirmed: true });
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    for (const { snapshotId, volumeId } of snapshots) {
      expect(evidence(out, 'volumes.json')).toContain(snapshotId);
      expect(JSON.stringify(certificate.files)).toContain(snapshotId);
      expect(report).toContain(snapshotId);
      expect(report).toContain(volumeId);
    }
  });

  it('roll the run back when the snapshot of one volume fails', async () => {
    const { record, broken, exitCode, out } = await run({ faults: [{ world: 'volume-snapshot-fails' }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VolumeSnapshotFailed');
    expect(record.error?.message).toMatch(/snap-[0-9a-f]{17} of vol-[0-9a-f]{17} is "error"/);
    expect(record.resources).toMatchObject(allOn);
    // Its own snapshot goes on meanwhile: users can work.
    expect(['available', 'backing-up']).toContain(record.resources.database);
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    expect(operations(out)).not.toContain('StopInstances');
  });

  it('get one snapshot each, though EC2’s answer to the request is lost', async () => {
    const { record, broken, exitCode, out } = await run({
      faults: [{ service: 'ec2', operation: 'CreateSnapshots', kind: 'drop-after' }],
    });

    expect({ broken, exitCode, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 0,
      unused: [],
    });
    expect(operations(out).filter((operation) => operation === 'CreateSnapshots')).toHaveLength(3);
    expect(record.files?.snapshots).toHaveLength(5);
  });
});
