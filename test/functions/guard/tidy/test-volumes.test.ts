import {
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../../functions/guard/tidy/handler.ts';
import { awsError, RUN_ID, standStill } from '../../fixtures.ts';
import { COPY, copyTags, SOURCE } from '../../steps/volumes/copies.ts';
import { files, WEB } from '../../steps/volumes/world.ts';
import { World } from './world.ts';

const OTHER = 'vol-0ccccccccccccccc2';
let world: World;
let volumes: Volume[];

const copy = (changes: Partial<Volume> = {}): Volume => ({
  VolumeId: COPY,
  State: 'available',
  SnapshotId: 'snap-00000000000000011',
  Tags: copyTags(),
  Attachments: [],
  ...changes,
});
const held = (State: 'attached' | 'detaching'): Partial<Volume> => ({
  State: 'in-use',
  Attachments: [{ State, InstanceId: WEB.instanceId, Device: '/dev/sdg' }],
});
const sweep = (dryRun = false) => handler({ action: 'sweep', dryRun });
const inputs = (command: typeof DetachVolumeCommand | typeof DeleteVolumeCommand): unknown[] =>
  world.ec2.commandCalls(command as typeof DetachVolumeCommand).map((call) => call.args[0].input);
const touched = (): unknown[] => [...inputs(DetachVolumeCommand), ...inputs(DeleteVolumeCommand)];
const keepPlan = (plan: object = { files: files({ backup: 'verify' }) }): void => {
  world.bucket.put(`runs/crm/${RUN_ID}/plan.json`, { run: { executionArn: 'arn:run' }, plan });
};

standStill('2026-11-28T12:00:00.000Z');
beforeEach(() => {
  world = new World();
  world.configure({ files: { backup: 'verify' } });
  keepPlan();
  world.rds.on(DescribeDBInstancesCommand).rejects(awsError('DBInstanceNotFoundFault', 404));
  world.ec2
    .on(DescribeVolumesCommand, { Filters: [{ Name: 'tag:lights-out:system', Values: ['crm'] }] })
    .callsFake(() => ({ Volumes: volumes }));
  world.ec2.on(DetachVolumeCommand).resolves({});
  world.ec2.on(DeleteVolumeCommand).resolves({});
  world.executionsAre({ status: 'FAILED', stopDate: new Date('2026-11-27T20:00:00.000Z') });
});

describe('the sweeper of test volumes', () => {
  it.each(['available', 'error'] as const)(
    'deletes one that is "%s", and tells the operators',
    async (State) => {
      volumes = [copy({ State })];

      const { deleted } = await sweep();

      expect(deleted).toEqual([
        { runId: RUN_ID, name: `test volume ${COPY}`, reason: `was "${State}", its run is over` },
      ]);
      expect(inputs(DeleteVolumeCommand)).toEqual([{ VolumeId: COPY }]);
      expect(inputs(DetachVolumeCommand)).toEqual([]);
      expect(world.told).toBe(1);
    },
  );

  it.each([
    ['detaches one that is attached', 'attached', {}],
    ['pulls one that its server has kept since the last sweep', 'detaching', { Force: true }],
  ] as const)('%s, and deletes it only when it is off', async (_name, state, force) => {
    volumes = [copy(held(state))];

    const { deleted } = await sweep();

    expect(inputs(DetachVolumeCommand)).toEqual([{ VolumeId: COPY, InstanceId: WEB.instanceId, ...force }]);
    expect(inputs(DeleteVolumeCommand)).toEqual([]);
    expect(deleted[0]?.reason).toContain(WEB.instanceId);
  });

  it.each<[string, Partial<Volume>]>([
    ['of a run without evidence', { Tags: copyTags({ 'lights-out:run': '20261127-1330-00000000' }) }],
    ['a planned volume of the CRM that somebody tagged', { VolumeId: SOURCE }],
    ['one that is its own source', { Tags: copyTags({ 'lights-out:source-volume': COPY }) }],
    ['one that was made from nothing', { SnapshotId: '' }],
    ['another system’s', { Tags: copyTags({ 'lights-out:system': 'erp' }) }],
  ])('leaves %s alone, and says so', async (_name, changes) => {
    volumes = [copy({ ...held('attached'), ...changes })];

    const { deleted, problems } = await sweep();

    expect(deleted).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(changes.VolumeId ?? COPY);
    expect(touched()).toEqual([]);
  });

  it('never touches a volume that another one is a copy of, whatever its tags', async () => {
    volumes = [copy(), copy({ VolumeId: OTHER, Tags: copyTags({ 'lights-out:source-volume': COPY }) })];

    const { problems } = await sweep();

    expect(inputs(DeleteVolumeCommand)).toEqual([{ VolumeId: OTHER }]);
    expect(problems.join()).toContain(COPY);
  });

  it('never touches one that names no source', async () => {
    volumes = [copy({ Tags: copyTags().slice(0, 2) })];

    await sweep();

    expect(touched()).toEqual([]);
  });

  it('never touches any of a run whose plan knows no volumes', async () => {
    keepPlan({});
    volumes = [copy()];

    const { problems } = await sweep();

    expect(problems).toHaveLength(1);
    expect(touched()).toEqual([]);
  });

  it.each([
    ['whose execution runs', { status: 'RUNNING' as const }],
    ['that ended an hour ago', { status: 'FAILED' as const, stopDate: new Date('2026-11-28T11:00:00.000Z') }],
  ])('leaves those of a run %s alone', async (_name, ended) => {
    world.executionsAre(ended);
    volumes = [copy(), copy({ VolumeId: OTHER, ...held('attached') })];

    expect(await sweep()).toMatchObject({ deleted: [], problems: [] });
    expect(touched()).toEqual([]);
  });

  it('touches nothing while a run is in progress', async () => {
    world.runIsInProgress();
    volumes = [copy()];

    await sweep();

    expect(world.ec2.calls()).toEqual([]);
  });

  it('goes on when one cannot be removed, and tells nothing of one in a state that passes', async () => {
    volumes = [copy(), copy({ VolumeId: OTHER }), copy({ VolumeId: 'vol-3', State: 'creating' })];
    world.ec2.on(DeleteVolumeCommand, { VolumeId: COPY }).rejects(awsError('UnauthorizedOperation', 403));

    await expect(sweep()).rejects.toMatchObject({
      name: 'DeletionFailed',
      message: expect.stringMatching(new RegExp(`^test volume ${COPY}: .*Expected it to be deleted`)),
    });

    expect(inputs(DeleteVolumeCommand)).toContainEqual({ VolumeId: OTHER });
    expect(world.told).toBe(1);
    expect(world.mail).toContain(OTHER);
    expect(world.mail).not.toContain(COPY);
  });

  it('tells of one whose deletion was asked for and whose answer was lost', async () => {
    volumes = [copy()];
    world.ec2.on(DeleteVolumeCommand).callsFake(() => {
      volumes = [copy({ State: 'deleting' })];
      throw awsError('InternalError', 500);
    });

    expect((await sweep()).deleted).toHaveLength(1);
    expect(world.told).toBe(1);
  });

  it('tells nobody when EC2 refuses it for now', async () => {
    volumes = [copy()];
    world.ec2.on(DeleteVolumeCommand).rejects(awsError('VolumeInUse'));

    expect(await sweep()).toMatchObject({ deleted: [], problems: [] });
    expect(world.told).toBe(0);
  });

  it('only says what it would do in a dry run', async () => {
    volumes = [copy()];

    expect((await sweep(true)).deleted).toHaveLength(1);
    expect(touched()).toEqual([]);
    expect(world.told).toBe(0);
  });

  it('is not asked for where no run makes any', async () => {
    world.configure({ files: { backup: 'snapshot' } });

    await sweep();

    expect(world.ec2.calls()).toEqual([]);
  });
});
