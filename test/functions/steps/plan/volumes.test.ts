import {
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Instance,
  type Volume,
} from '@aws-sdk/client-ec2';
import { CreateGrantCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import { lookAtVolumes } from '../../../../functions/steps/plan/volumes.ts';
import { allowNothing, awsError, system } from '../../fixtures.ts';

const ec2 = mockClient(EC2Client);
const ssm = mockClient(SSMClient);
const kms = mockClient(KMSClient);

const WEB = 'i-0a1b2c3d4e5f60718';
const APP = 'i-0b1c2d3e4f5061728';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';

const instance = (InstanceId: string, changes: Partial<Instance> = {}): Instance => ({
  InstanceId,
  State: { Name: 'running' },
  RootDeviceName: '/dev/xvda',
  InstanceType: 'm7g.large',
  Placement: { AvailabilityZone: 'eu-central-1a' },
  ...changes,
});

const volume = (
  number: number,
  of: string | string[],
  Device: string,
  changes: Partial<Volume> = {},
): Volume => ({
  VolumeId: `vol-0000000000000000${number}`,
  Size: 10 * number,
  Encrypted: false,
  MultiAttachEnabled: false,
  Attachments: [of].flat().map((InstanceId) => ({ InstanceId, Device, State: 'attached' })),
  ...changes,
});

let instances: Instance[];
let volumes: Volume[];
let online: string[];
let snapshotsOf: string[];
let instanceStoreGb: number;

allowNothing(ec2, ssm, kms);
beforeEach(() => {
  instances = [instance(WEB), instance(APP)];
  volumes = [volume(1, WEB, '/dev/xvda'), volume(2, WEB, '/dev/sdf'), volume(3, APP, '/dev/xvda')];
  online = [WEB, APP];
  snapshotsOf = volumes.map((each) => each.VolumeId ?? '');
  instanceStoreGb = 0;
  ec2.on(DescribeInstancesCommand).callsFake(() => ({ Reservations: [{ Instances: instances }] }));
  ec2.on(DescribeVolumesCommand).callsFake(() => ({ Volumes: volumes }));
  ec2
    .on(DescribeSnapshotsCommand)
    .callsFake(() => ({ Snapshots: snapshotsOf.map((VolumeId) => ({ VolumeId })) }));
  ec2.on(DescribeInstanceTypesCommand).callsFake((input: { InstanceTypes: string[] }) => ({
    InstanceTypes: input.InstanceTypes.map((InstanceType) => ({
      InstanceType,
      ...(instanceStoreGb === 0 ? {} : { InstanceStorageInfo: { TotalSizeInGB: instanceStoreGb } }),
    })),
  }));
  kms.on(DescribeKeyCommand).callsFake(({ KeyId }) => ({
    KeyMetadata: {
      KeyId,
      Arn: KeyId === KEY ? KEY : `${KEY}-of-aws`,
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
    },
  }));
  kms.on(CreateGrantCommand).rejects(awsError('DryRunOperationException', 412));
  ssm.on(DescribeInstanceInformationCommand).callsFake(() => ({
    InstanceInformationList: online.map((InstanceId) => ({ InstanceId, PingStatus: 'Online' })),
  }));
});

const look = (files: SystemConfigInput['files'] = {}, verification: 'full' | 'none' = 'full') =>
  lookAtVolumes(system({ files }), verification);

describe('the plan’s look at the volumes', () => {
  it('names every volume of every server, the boot volumes too', async () => {
    const { files, reasons } = await look();

    expect(reasons).toEqual([]);
    expect(files).toMatchObject({ backup: 'snapshot', notCovered: [] });
    expect(
      files.servers.map(({ name, agent, volumes: own }) => [name, agent, own.map((each) => each.volumeId)]),
    ).toEqual([
      ['web-1', true, ['vol-00000000000000001', 'vol-00000000000000002']],
      ['app-1', true, ['vol-00000000000000003']],
    ]);
    expect(files.servers[0]?.volumes).toMatchObject([
      { device: '/dev/xvda', sizeGib: 10, boot: true },
      { device: '/dev/sdf', sizeGib: 20, boot: false },
    ]);
  });

  it('says what is in no snapshot when boot volumes or single ones are left out', async () => {
    volumes.push(volume(4, WEB, '/dev/sdg'));
    const { files, warnings } = await look({
      bootVolumes: false,
      excludeVolumes: ['vol-00000000000000004', 'vol-0bbbbbbbbbbbbbbbb'],
    });

    expect(files.servers).toMatchObject([
      {
        name: 'web-1',
        volumes: [{ volumeId: 'vol-00000000000000002' }],
        excluded: ['vol-00000000000000004'],
      },
    ]);
    expect(files.notCovered.map((entry) => `${entry.object}: ${entry.reason}`)).toEqual([
      expect.stringMatching(/vol-00000000000000001 .*boot volume/),
      expect.stringMatching(/vol-00000000000000004 .*excludeVolumes names it/),
      expect.stringMatching(/vol-00000000000000003 .*boot volume/),
      expect.stringMatching(/server app-1: none of its volumes/),
    ]);
    // Whoever reads the plan sees it without opening the evidence.
    for (const { reason } of files.notCovered)
      expect(warnings.some((warning) => warning.includes(reason))).toBe(true);
    expect(warnings).toContainEqual(expect.stringMatching(/vol-0bbbbbbbbbbbbbbbb is attached to none/));
  });

  it('puts "none" on record', async () => {
    const { files, warnings } = await look({ backup: 'none' });

    expect(files).toMatchObject({ backup: 'none', servers: [] });
    expect(warnings).toEqual([expect.stringMatching(/files\.backup is "none"/)]);
  });

  it('refuses servers whose instance store a stop would empty, until that is said to be wanted', async () => {
    instanceStoreGb = 75;
    expect((await look()).reasons).toMatchObject([
      { resource: 'server web-1', problem: expect.stringMatching(/75 GB of instance store/) },
      { resource: 'server app-1' },
    ]);

    const { reasons, warnings } = await look({ instanceStore: 'discard' });
    expect(reasons).toEqual([]);
    expect(warnings).toContainEqual(expect.stringMatching(/75 GB of instance store/));
  });

  it('takes a volume that servers share once, and says who else may write to it', async () => {
    volumes = [
      volume(1, [WEB, APP, 'i-0fffffffffffffff1'], '/dev/sdf', { MultiAttachEnabled: true }),
      volume(3, APP, '/dev/xvda'),
    ];
    const { files, warnings } = await look();

    expect(files.servers).toMatchObject([
      { name: 'web-1', volumes: [{ volumeId: 'vol-00000000000000001' }], excluded: [] },
      {
        name: 'app-1',
        volumes: [{ volumeId: 'vol-00000000000000003' }],
        excluded: ['vol-00000000000000001'],
      },
    ]);
    expect(warnings).toContainEqual(
      expect.stringMatching(/with i-0fffffffffffffff1, which this system does not stop/),
    );
  });

  it('warns of a first snapshot and of an agent that does not answer', async () => {
    snapshotsOf = ['vol-00000000000000001', 'vol-00000000000000003'];
    online = [APP];
    const { files, warnings, reasons } = await look();

    expect(reasons).toEqual([]);
    expect(files.servers[0]?.agent).toBe(false);
    expect(warnings).toEqual([
      expect.stringMatching(/web-1: its SSM agent does not answer/),
      expect.stringMatching(/app-1 has no data volume/),
      expect.stringMatching(/vol-00000000000000002 .*no snapshot of it exists/),
    ]);
  });

  describe('with "verify"', () => {
    it('says of each volume that cannot be compared why', async () => {
      const { files, reasons } = await look({ backup: 'verify' });

      expect(reasons).toEqual([]);
      expect(files.servers[0]?.volumes.map((each) => each.notComparable)).toEqual([
        expect.stringMatching(/boot volume/),
        undefined,
      ]);
      expect(files.notCovered).toHaveLength(2);
    });

    it.each<[string, () => void, SystemConfigInput['files'], RegExp]>([
      [
        'no data volume',
        () => {
          volumes = [volume(1, WEB, '/dev/xvda')];
        },
        {},
        /no server has a data volume/,
      ],
      [
        'an agent that does not answer',
        () => {
          online = [APP];
        },
        {},
        /its SSM agent does not answer/,
      ],
      [
        'an agent of the checking server that does not answer',
        () => {
          online = [WEB];
        },
        { checkServer: 'app-1' },
        /its SSM agent does not answer/,
      ],
    ])('refuses %s', async (_name, change, files, problem) => {
      change();
      const { reasons } = await look({ ...files, backup: 'verify' });

      expect(reasons.map((reason) => reason.problem)).toEqual([expect.stringMatching(problem)]);
    });

    it('does not say that there are no data volumes when it is the servers that do not run', async () => {
      instances = instances.map((each) => ({ ...each, State: { Name: 'stopping' } }));

      expect((await look({ backup: 'verify' })).reasons).toEqual([
        {
          resource: 'files.backup',
          problem: expect.stringMatching(/no file can be read .*web-1 is "stopping", app-1 is "stopping"/),
          remedy: expect.stringContaining('start the servers'),
        },
      ]);
    });

    it('refuses a key that it is not told of, and asks for each key once', async () => {
      volumes[1] = volume(2, WEB, '/dev/sdf', { Encrypted: true, KmsKeyId: KEY });
      volumes.push(volume(4, WEB, '/dev/sdg', { Encrypted: true, KmsKeyId: KEY }));

      expect((await look({ backup: 'verify' })).reasons).toEqual([
        {
          resource: 'volumes vol-00000000000000002 of web-1, vol-00000000000000004 of web-1',
          problem: expect.stringContaining(
            `customer managed key ${KEY}, which files.kmsKeyArns does not name`,
          ),
          remedy: expect.stringContaining(`set files.kmsKeyArns to "${KEY}"`),
        },
      ]);
      expect((await look({ backup: 'verify', kmsKeyArns: [KEY] })).reasons).toEqual([]);
      expect(kms.commandCalls(CreateGrantCommand)).toHaveLength(1);
    });

    it('needs no key of the volumes where none is restored, and makes no grant', async () => {
      volumes[1] = volume(2, WEB, '/dev/sdf', { Encrypted: true, KmsKeyId: KEY });

      expect((await look({ backup: 'snapshot' })).reasons).toEqual([]);
      expect((await look({ backup: 'verify' }, 'none')).reasons).toEqual([]);
      expect(kms.commandCalls(CreateGrantCommand)).toEqual([]);
    });

    it.each(['none', 'snapshot', 'verify'] as const)(
      'warns of a server that the start-up may not start for the key of its boot volume: files.backup "%s"',
      async (backup) => {
        volumes[0] = volume(1, WEB, '/dev/xvda', { Encrypted: true, KmsKeyId: KEY });
        volumes[2] = volume(3, APP, '/dev/xvda', { Encrypted: true, KmsKeyId: KEY });
        const warned = async (files: Parameters<typeof look>[0]): Promise<string[]> =>
          (await look(files)).warnings.filter((warning) => warning.includes('start-up'));

        expect(await warned({ backup })).toEqual([
          expect.stringMatching(
            new RegExp(`^servers web-1, app-1: .*${KEY}.*files\\.kmsKeyArns.*systems\\.ts`),
          ),
        ]);
        expect(await warned({ backup, kmsKeyArns: [KEY] })).toEqual([]);
      },
    );

    it('does not warn of the key that AWS manages', async () => {
      const managed = 'arn:aws:kms:eu-central-1:123456789012:key/99999999-2222-3333-4444-555555555555';
      kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: 'x', Arn: managed } });
      volumes[0] = volume(1, WEB, '/dev/xvda', { Encrypted: true, KmsKeyId: managed });

      expect((await look({ backup: 'snapshot' })).warnings.join()).not.toContain('start-up');
    });

    it('only takes snapshots in a run without verification', async () => {
      expect((await look({ backup: 'verify' }, 'none')).files.backup).toBe('snapshot');
    });
  });
});
