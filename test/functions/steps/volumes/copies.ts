import {
  AttachVolumeCommand,
  type AttachVolumeCommandInput,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteVolumeCommand,
  type DeleteVolumeCommandInput,
  DescribeVolumesCommand,
  type DescribeVolumesCommandInput,
  DetachVolumeCommand,
  type DetachVolumeCommandInput,
  EC2Client,
  type Volume,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { awsError, invocationAnswer, RUN_ID, unexpected } from '../../fixtures.ts';
import { WEB } from './world.ts';

export const SOURCE = 'vol-0aaaaaaaaaaaaaaa2';
export const COPY = 'vol-0ccccccccccccccc1';
export const DIGEST = 'd'.repeat(64);
export const READING = `part=0 filesystem=xfs files=12 size=3456 digest=${DIGEST}`;

export const copyTags = (changes: Record<string, string> = {}) =>
  Object.entries({
    'lights-out:system': 'crm',
    'lights-out:run': RUN_ID,
    'lights-out:source-volume': SOURCE,
    ...changes,
  }).map(([Key, Value]) => ({ Key, Value }));

/** An EC2 that makes, attaches, detaches and deletes copies, each at the next look, and an SSM that reads them. */
export class Copies {
  readonly ec2 = mockClient(EC2Client);
  readonly ssm = mockClient(SSMClient);
  volumes: Volume[] = [];
  /** Errors that the next call of an operation is answered with, by its name. */
  readonly refusals: Record<string, Error[]> = {};
  /** Whether a refused call took effect all the same: its answer was lost. */
  lost = false;
  /** What comes out of a volume that was asked for. */
  endsAs: Volume['State'] = 'available';
  online = true;
  /** What the server says of each volume, after its id. */
  readings: Record<string, string> = { [SOURCE]: READING, [COPY]: READING };
  status = 'Success';
  readonly sent: SendCommandCommandInput[] = [];
  /** Calls so far, as `EC2 Operation`. */
  readonly made: string[] = [];
  /** One call whose connection is lost: before it took effect, or after. 1 is the first. */
  fault: { at: number; when: 'before' | 'after' } | undefined;

  constructor() {
    process.env['VOLUMES_DOCUMENT'] = 'LightsOut-crm-Volumes';
    this.ec2.rejects(unexpected());
    this.ssm.rejects(unexpected());
    this.#play(this.ec2, DescribeVolumesCommand, (input) => ({ Volumes: this.#list(input) }));
    this.#play(this.ec2, CreateVolumeCommand, (input: CreateVolumeCommandInput) => {
      const volume: Volume = {
        VolumeId: COPY,
        State: 'creating',
        Encrypted: true,
        ...(input.SnapshotId === undefined ? {} : { SnapshotId: input.SnapshotId }),
        Tags: input.TagSpecifications?.[0]?.Tags ?? [],
        Attachments: [],
      };
      // The token makes a repeat the same volume.
      if (!this.volumes.some((each) => each.VolumeId === COPY)) this.volumes.push(volume);
      return { ...volume };
    });
    this.#play(
      this.ec2,
      AttachVolumeCommand,
      ({ VolumeId, InstanceId, Device }: AttachVolumeCommandInput) => {
        if (this.#find(VolumeId).State === 'in-use') throw awsError('VolumeInUse');
        this.#change(VolumeId, {
          State: 'in-use',
          Attachments: [attachment('attaching', InstanceId, Device)],
        });
        return {};
      },
    );
    this.#play(this.ec2, DetachVolumeCommand, ({ VolumeId, InstanceId }: DetachVolumeCommandInput) => {
      if (this.#find(VolumeId).State === 'available') throw awsError('IncorrectState');
      this.#change(VolumeId, { Attachments: [attachment('detaching', InstanceId)] });
      return {};
    });
    this.#play(this.ec2, DeleteVolumeCommand, ({ VolumeId }: DeleteVolumeCommandInput) => {
      if (this.#find(VolumeId).State === 'in-use') throw awsError('VolumeInUse');
      this.volumes = this.volumes.filter((volume) => volume.VolumeId !== VolumeId);
      return {};
    });
    this.#play(this.ssm, DescribeInstanceInformationCommand, () => ({
      InstanceInformationList: [
        { InstanceId: WEB.instanceId, PingStatus: this.online ? 'Online' : 'ConnectionLost' },
      ],
    }));
    this.#play(this.ssm, SendCommandCommand, (input: SendCommandCommandInput) => {
      this.sent.push(input);
      return { Command: { CommandId: `command-${this.sent.length - 1}` } };
    });
    this.#play(this.ssm, ListCommandInvocationsCommand, (input: ListCommandInvocationsCommandInput) =>
      invocationAnswer(this.status, this.#says(this.sent[Number(input.CommandId?.replace('command-', ''))])),
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: clients and commands of every shape pass here
  #play(client: any, command: any, effect: (input: any) => unknown): void {
    client.on(command).callsFake((input: unknown) => {
      this.made.push(command.name);
      const fault = this.fault?.at === this.made.length ? this.fault.when : undefined;
      const refusal = this.refusals[command.name]?.shift();
      if (fault === 'before') throw lost();
      if (refusal !== undefined && !this.lost) throw refusal;
      const answer = effect(input);
      if (fault === 'after') throw lost();
      if (refusal !== undefined) throw refusal;
      return answer;
    });
  }

  /** What EC2 lists; what it lists has then moved on to its next state. */
  #list({ Filters = [] }: DescribeVolumesCommandInput): Volume[] {
    const ofServer = Filters.some((filter) => filter.Name === 'attachment.instance-id');
    if (ofServer)
      return [{ VolumeId: SOURCE, Attachments: [attachment('attached', WEB.instanceId, '/dev/sdf')] }];
    const listed = this.volumes.map((volume) => structuredClone(volume));
    for (const volume of this.volumes) {
      const [own] = volume.Attachments ?? [];
      if (volume.State === 'creating') volume.State = this.endsAs;
      if (own?.State === 'attaching') own.State = 'attached';
      else if (own?.State === 'detaching' && !this.stuck)
        Object.assign(volume, { State: 'available', Attachments: [] });
    }
    return listed;
  }

  /** Never ends detaching. */
  stuck = false;

  #find(id: string | undefined): Volume {
    const volume = this.volumes.find((each) => each.VolumeId === id);
    if (volume === undefined) throw awsError('InvalidVolume.NotFound');
    return volume;
  }

  #change(id: string | undefined, changes: Partial<Volume>): void {
    Object.assign(this.#find(id), changes);
  }

  #says(input: SendCommandCommandInput | undefined): string {
    const volumes = input?.Parameters?.['Volumes']?.[0]?.split(' ') ?? [];
    return volumes
      .map((each) => each.split(':')[0] ?? '')
      .filter((id) => this.readings[id] !== undefined)
      .map(
        (id) => `lights-out volume=${id} bytes=34359738368\nlights-out volume=${id} ${this.readings[id]}\n`,
      )
      .join('');
  }

  calls(operation: string): unknown[] {
    return this.ec2
      .calls()
      .map((call) => call.args[0])
      .filter((command) => command.constructor.name === operation)
      .map((command) => command.input);
  }
}

/** A connection that was cut: no answer, so no status. */
const lost = (): Error => Object.assign(new Error('socket hang up'), { name: 'ECONNRESET', $metadata: {} });

function attachment(
  State: 'attaching' | 'attached' | 'detaching',
  InstanceId: string | undefined,
  Device?: string,
): NonNullable<Volume['Attachments']>[number] {
  return {
    State,
    ...(InstanceId === undefined ? {} : { InstanceId }),
    ...(Device === undefined ? {} : { Device }),
  };
}
