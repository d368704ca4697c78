import {
  CreateSnapshotsCommand,
  type CreateSnapshotsCommandInput,
  DescribeSnapshotsCommand,
  EC2Client,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import type { PlannedFiles, PlannedVolumes } from '../../../../functions/contract/volumes-state.ts';
import { invocationAnswer, tagsOf, unexpected } from '../../fixtures.ts';

export const WEB: PlannedVolumes = {
  name: 'web-1',
  instanceId: 'i-0a1b2c3d4e5f60718',
  platform: 'linux',
  agent: true,
  volumes: [
    { volumeId: 'vol-0aaaaaaaaaaaaaaa1', device: '/dev/xvda', sizeGib: 8, boot: true, encrypted: true },
    { volumeId: 'vol-0aaaaaaaaaaaaaaa2', device: '/dev/sdf', sizeGib: 32, boot: false, encrypted: true },
  ],
  excluded: [],
};

export const files = (changes: Partial<PlannedFiles> = {}): PlannedFiles => ({
  backup: 'snapshot',
  servers: [WEB],
  zones: { 'web-1': 'eu-central-1a' },
  notCovered: [],
  ...changes,
});

/** EC2 and SSM with what a test lets happen; everything else is an unexpected call. */
export class World {
  readonly ec2 = mockClient(EC2Client);
  readonly ssm = mockClient(SSMClient);
  /** Snapshots as EC2 lists them. */
  listed: Snapshot[] = [];
  /** What the next requests for snapshots are answered with, in place of snapshots. */
  readonly refusals: Error[] = [];
  online = true;
  /** How the commands end. */
  status = 'Success';

  constructor() {
    process.env['VOLUMES_DOCUMENT'] = 'LightsOut-crm-Volumes';
    this.ec2.rejects(unexpected());
    this.ssm.rejects(unexpected());
    this.ec2.on(DescribeSnapshotsCommand).callsFake(() => ({ Snapshots: this.listed }));
    this.ec2.on(CreateSnapshotsCommand).callsFake((input) => {
      const refusal = this.refusals.shift();
      if (refusal !== undefined) throw refusal;
      return { Snapshots: this.made(input) };
    });
    this.ssm.on(DescribeInstanceInformationCommand).callsFake(() => ({
      InstanceInformationList: this.online
        ? [{ InstanceId: WEB.instanceId, PingStatus: 'Online' }]
        : [{ InstanceId: WEB.instanceId, PingStatus: 'ConnectionLost' }],
    }));
    this.ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'command-1' } });
    this.ssm
      .on(ListCommandInvocationsCommand)
      .callsFake(() => invocationAnswer(this.status, 'lights-out volumes=flushed\n'));
  }

  /** What EC2 makes of a request: a snapshot of each volume. */
  made(input: CreateSnapshotsCommandInput): Snapshot[] {
    const tags = input.TagSpecifications?.[0]?.Tags ?? [];
    return WEB.volumes.map((volume, index) => snapshot(volume.volumeId, index, { Tags: tags }));
  }

  requests(): CreateSnapshotsCommandInput[] {
    return this.ec2.commandCalls(CreateSnapshotsCommand).map((call) => call.args[0].input);
  }
}

export function snapshot(VolumeId: string, index: number, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    SnapshotId: `snap-0000000000000000${index}`,
    VolumeId,
    State: 'pending',
    Progress: '0%',
    VolumeSize: WEB.volumes[index]?.sizeGib ?? 1,
    Tags: setTags(1),
    ...changes,
  };
}

export const setTags = (number: number) => [
  ...tagsOf(),
  { Key: 'lights-out:volume-set', Value: `${WEB.instanceId}/${number}` },
];

/** The whole set of a server, in one state. */
export const set = (State: 'pending' | 'completed' | 'error' | 'recoverable', Progress = '0%', number = 1) =>
  WEB.volumes.map((volume, index) =>
    snapshot(volume.volumeId, index, {
      State,
      Progress,
      SnapshotId: `snap-000000000000000${number}${index}`,
      Tags: setTags(number),
    }),
  );
