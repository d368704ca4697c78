import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEbs } from '../../../../sandbox/aws/services/ebs.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { VolumeWorld } from '../../../../sandbox/world/servers/volumes.ts';
import type { ServerWorld } from '../../../../sandbox/world/servers/world.ts';
import { system } from '../../../functions/fixtures.ts';

const WEB = 'i-0a1b2c3d4e5f60718';
const APP = 'i-0b1c2d3e4f5061728';
const MINUTE = 60_000;

let root: string;
let clock: SandboxClock;
let world: VolumeWorld;
let call: (operation: string, input: object) => Promise<Record<string, never>>;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lights-out-ebs-'));
  clock = new SandboxClock(Number.POSITIVE_INFINITY, Date.parse('2026-11-27T13:00:00Z'));
  const deployment = {
    config: system(),
    account: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
  } as never;
  world = new VolumeWorld({ deployment, clock, faults: [], workDirectory: root, quick: true });
  const roots = new Map([WEB, APP].map((id) => [id, join(root, id)]));
  for (const folder of roots.values()) await mkdir(folder, { recursive: true });
  await world.start(roots);
  const server = (instanceId: string, zone: number) => ({
    instanceId,
    state: 'running',
    availabilityZone: world.zone(zone),
  });
  const servers = [server(WEB, 0), server(APP, 1)];
  const operations = createEbs(
    { find: (id: string) => servers.find((each) => each.instanceId === id) } as unknown as ServerWorld,
    world,
  );
  call = async (operation, input) =>
    (await operations[operation]?.run(input, {
      clock,
      caller: { function: 'test', principal: '' },
    })) as never;
});
afterEach(async () => {
  await world.stop();
  clock.stop();
  rmSync(root, { recursive: true, force: true });
});

const [boot, data] = ['/dev/xvda', '/dev/sdf'];
const volumeOf = (device: string): string =>
  world.attachedTo(WEB).find((volume) => volume.attachment?.device === device)?.volumeId ?? '';
const Tags = [{ Key: 'lights-out:run', Value: 'r' }];
const tagged = (ResourceType: string) => [{ ResourceType, Tags }];

/** Snapshots of the server's volumes, completed. */
async function snapshotOf(device: string): Promise<string> {
  await call('CreateSnapshots', {
    InstanceSpecification: { InstanceId: WEB },
    TagSpecifications: tagged('snapshot'),
  });
  await clock.sleep(10 * MINUTE);
  const own = [...world.snapshots.values()].find(
    (each) => each.volumeId === volumeOf(device) && each.tags.length > 0,
  );
  return own?.snapshotId ?? '';
}

async function copyOf(device: string, zone = world.zone(0)): Promise<string> {
  const made = await call('CreateVolume', {
    SnapshotId: await snapshotOf(device),
    AvailabilityZone: zone,
    TagSpecifications: tagged('volume'),
  });
  await clock.sleep(MINUTE);
  return made['VolumeId'] ?? '';
}

const listed = async (): Promise<{ SnapshotId: string; State: string; Progress: string }[]> =>
  (await call('DescribeSnapshots', { Filters: [{ Name: 'tag:lights-out:run', Values: ['r'] }] }))[
    'Snapshots'
  ] ?? [];

describe('snapshots', () => {
  it('are of the moment of the request, listed some seconds later, and completed over time', async () => {
    await call('CreateSnapshots', {
      InstanceSpecification: { InstanceId: WEB },
      CopyTagsFromSource: 'volume',
      TagSpecifications: tagged('snapshot'),
    });
    const folder = world.volumes.get(volumeOf(data))?.folder ?? '';
    writeFileSync(join(folder, 'late'), 'x');
    expect(await listed()).toEqual([]);
    await clock.sleep(MINUTE);
    const [first, second] = await listed();
    expect([first?.State, second?.State]).toEqual(['pending', 'pending']);
    expect(Number.parseInt(second?.Progress ?? '', 10)).toBeGreaterThan(0);
    await clock.sleep(10 * MINUTE);
    expect((await listed()).map((each) => `${each.State} ${each.Progress}`)).toEqual([
      'completed 100%',
      'completed 100%',
    ]);
    const made = [...world.snapshots.values()].filter((each) =>
      each.tags.some((tag) => tag.Key === 'lights-out:run'),
    );
    expect(made.map((each) => each.volumeId)).toEqual([volumeOf(boot), volumeOf(data)]);
    expect(made[1]?.tags).toContainEqual({ Key: 'Name', Value: `${WEB} /dev/sdf` });
    expect(() => readFileSync(join(made[1]?.folder ?? '', 'late'))).toThrow('ENOENT');
  });

  it.each<[string, () => object, string]>([
    [
      'a server that is not there',
      () => ({ InstanceId: 'i-0fffffffffffffff0' }),
      'InvalidInstanceID.NotFound',
    ],
    [
      'the boot volume among the data volumes left out',
      () => ({ InstanceId: WEB, ExcludeDataVolumeIds: [volumeOf(boot)] }),
      'InvalidParameterValue',
    ],
    [
      'nothing left',
      () => ({ InstanceId: WEB, ExcludeBootVolume: true, ExcludeDataVolumeIds: [volumeOf(data)] }),
      'InvalidParameterValue',
    ],
  ])('are refused for %s', async (_name, specification, code) => {
    await expect(call('CreateSnapshots', { InstanceSpecification: specification() })).rejects.toMatchObject({
      code,
    });
  });

  it('are deleted once', async () => {
    const SnapshotId = await snapshotOf(data);
    await call('DeleteSnapshot', { SnapshotId });
    expect(world.snapshots.has(SnapshotId)).toBe(false);
    await expect(call('DeleteSnapshot', { SnapshotId })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    await expect(call('DeleteSnapshot', { SnapshotId: 'snap-1' })).rejects.toMatchObject({
      code: 'InvalidSnapshotID.Malformed',
    });
  });

  it('are not found by a filter that EC2 does not know', async () => {
    await expect(
      call('DescribeSnapshots', { Filters: [{ Name: 'tags', Values: ['r'] }] }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('volumes', () => {
  it('are made from a snapshot with its files, attached, detached and deleted', async () => {
    const copy = await copyOf(data);
    expect(world.volumes.get(copy)).toMatchObject({ state: 'available', encrypted: true, sizeGib: 40 });

    await call('AttachVolume', { VolumeId: copy, InstanceId: WEB, Device: '/dev/sdg' });
    expect(world.volumes.get(copy)?.attachment?.state).toBe('attaching');
    await expect(call('DeleteVolume', { VolumeId: copy })).rejects.toMatchObject({ code: 'VolumeInUse' });
    await clock.sleep(MINUTE);
    await world.stop();
    expect(readFileSync(join(root, WEB, '.devices'), 'utf8')).toContain(copy.replace('-', ''));
    await expect(
      call('AttachVolume', { VolumeId: copy, InstanceId: WEB, Device: '/dev/sdh' }),
    ).rejects.toMatchObject({ code: 'VolumeInUse' });

    await call('DetachVolume', { VolumeId: copy });
    await clock.sleep(MINUTE);
    await expect(call('DetachVolume', { VolumeId: copy })).rejects.toMatchObject({ code: 'IncorrectState' });
    expect(world.resources()).toEqual({ testVolumes: [copy] });
    await call('DeleteVolume', { VolumeId: copy });
    await clock.sleep(MINUTE);
    expect(world.resources()).toEqual({ testVolumes: [] });
    await expect(call('DeleteVolume', { VolumeId: copy })).rejects.toMatchObject({
      code: 'InvalidVolume.NotFound',
    });
  });

  it('are made once for a client token', async () => {
    const input = { SnapshotId: await snapshotOf(data), AvailabilityZone: world.zone(0), ClientToken: 't' };
    const first = await call('CreateVolume', input);
    const again = await call('CreateVolume', input);
    expect(again['VolumeId']).toBe(first['VolumeId']);
    await expect(call('CreateVolume', { ...input, Size: 100 })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
  });

  it.each<[string, string, (copy: string) => object, string]>([
    [
      'a name that is taken',
      'AttachVolume',
      (VolumeId) => ({ VolumeId, InstanceId: WEB, Device: '/dev/sdf' }),
      'InvalidParameterValue',
    ],
    [
      'another zone',
      'AttachVolume',
      (VolumeId) => ({ VolumeId, InstanceId: APP, Device: '/dev/sdg' }),
      'InvalidVolume.ZoneMismatch',
    ],
    [
      'a name that is none',
      'AttachVolume',
      (VolumeId) => ({ VolumeId, InstanceId: WEB, Device: '/dev/hda' }),
      'InvalidParameterValue',
    ],
    ['an id that is none', 'DeleteVolume', () => ({ VolumeId: 'vol-1' }), 'InvalidParameterValue'],
    [
      'a snapshot that is not there',
      'CreateVolume',
      () => ({ SnapshotId: 'snap-0fffffffffffffff0', AvailabilityZone: world.zone(0) }),
      'InvalidSnapshot.NotFound',
    ],
  ])('are refused for %s', async (_name, operation, input, code) => {
    const copy = await copyOf(data);
    await expect(call(operation, input(copy))).rejects.toMatchObject({ code });
  });

  it('are not made from a snapshot that is not completed', async () => {
    await call('CreateSnapshots', { InstanceSpecification: { InstanceId: WEB } });
    const pending = [...world.snapshots.values()].find((each) => each.state === 'pending');
    await expect(
      call('CreateVolume', { SnapshotId: pending?.snapshotId, AvailabilityZone: world.zone(0) }),
    ).rejects.toMatchObject({ code: 'IncorrectState' });
  });
});
