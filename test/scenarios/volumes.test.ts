import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { type RehearsedCall, rehearseScenario } from '../support/rehearsals.ts';

/** What was asked of the sandbox, in order. */
const operationsOf = (calls: RehearsedCall[]): string[] => calls.map(({ operation }) => operation);

const allOn = { testInstances: [], testVolumes: [], locks: [], maintenance: false };

describe('the CRM’s files in a shutdown', { timeout: 120_000 }, () => {
  it('are in a completed snapshot of every volume before anything is switched off, and the evidence names each', async () => {
    const { record, broken, exitCode, out, calls, evidence } = await rehearseScenario({ real: true });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    // Three servers with a boot volume each, two of them with a data volume.
    const snapshots = record.files?.snapshots ?? [];
    expect(snapshots.map(({ server }) => server)).toEqual(['web-1', 'web-1', 'app-1', 'app-1', 'worker-1']);
    const order = operationsOf(calls());
    expect(order.filter((operation) => operation === 'CreateSnapshots')).toHaveLength(3);
    expect(order.indexOf('CreateSnapshots')).toBeLessThan(order.indexOf('StopInstances'));

    // The copies are gone before the database and the servers are stopped.
    expect(order.filter((operation) => operation === 'CreateVolume')).toHaveLength(2);
    expect(order.filter((operation) => operation === 'DeleteVolume')).toHaveLength(2);
    expect(order.lastIndexOf('DeleteVolume')).toBeLessThan(order.indexOf('StopDBInstance'));
    expect(record.files?.verification).toMatchObject({
      equal: true,
      differences: [],
      compared: [
        { server: 'web-1', files: 288, equal: true },
        { server: 'app-1', files: 288, equal: true },
      ],
    });
    expect(record.resources.testVolumes).toEqual([]);

    const certificate = JSON.parse(evidence('certificate.json'));
    expect(certificate.files).toMatchObject({ confirmed: true, verification: { equal: true } });
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    for (const { snapshotId, volumeId } of snapshots) {
      expect(evidence('volumes.json')).toContain(snapshotId);
      expect(JSON.stringify(certificate.files)).toContain(snapshotId);
      expect(report).toContain(snapshotId);
      expect(report).toContain(volumeId);
    }
  });

  it('roll the run back when the snapshot of one volume fails', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [{ world: 'volume-snapshot-fails' }],
    });

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
    expect(operationsOf(calls())).not.toContain('StopInstances');
  });

  it('get one snapshot each, though EC2’s answer to the request is lost', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [{ service: 'ec2', operation: 'CreateSnapshots', kind: 'drop-after' }],
    });

    expect({ broken, exitCode, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 0,
      unused: [],
    });
    expect(operationsOf(calls()).filter((operation) => operation === 'CreateSnapshots')).toHaveLength(3);
    expect(record.files?.snapshots).toHaveLength(5);
  });

  it('roll the run back when one file of a restored volume differs, and leave no copy behind', async () => {
    const { record, broken, exitCode, calls, evidence } = await rehearseScenario({
      real: true,
      faults: [{ world: 'corrupt-volume' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VolumeMismatch');
    const [difference] = record.files?.verification?.differences ?? [];
    expect(record.error?.message).toContain(difference?.volumeId ?? 'no difference');
    expect(record.files?.verification).toMatchObject({ equal: false, differences: [{ server: 'web-1' }] });
    expect(record.resources).toMatchObject(allOn);
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    expect(operationsOf(calls())).not.toContain('StopInstances');
    // No name of a file is in what the run leaves behind.
    for (const name of ['certificate.json', 'files-source.json', 'files-verification.json', 'report.html'])
      expect(evidence(name)).not.toMatch(/customer-0|合同|protocol of the visit/);
  });

  it('roll the run back and leave no copy behind when the check is cut off half-way', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [
        { service: 'ec2', operation: 'CreateVolume', kind: 'drop-after' },
        { service: 'ec2', operation: 'AttachVolume', kind: 'kill-function' },
        { service: 'ec2', operation: 'DeleteVolume', kind: 'throttle', times: 2 },
        { world: 'restore-fails' },
      ],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.unusedFaults).toEqual([]);
    expect(record.error?.name).toBe('RestoreFailed');
    expect(record.resources).toMatchObject(allOn);
    const made = operationsOf(calls()).filter((operation) => operation === 'CreateVolume').length;
    expect(made).toBeGreaterThanOrEqual(2);
    expect(record.files?.verification).toMatchObject({ equal: true });
  });

  it('are compared by content too where that is asked for: a disk that forgets keeps size and time', async () => {
    const [example] = systems;
    const files = { ...example?.files, contents: true } as const;
    const { record, exitCode } = await rehearseScenario({
      systems: [{ ...example, files } as SystemConfigInput],
      real: true,
      faults: [{ world: 'corrupt-volume', silent: true }],
    });

    expect({ exitCode, error: record.error?.name }).toEqual({ exitCode: 1, error: 'VolumeMismatch' });
    expect(record.files?.verification).toMatchObject({ equal: false, contents: true });
  });
});
