import { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names.ts';
import { commandDocument } from './command-document.ts';

/** `vol-…:sdf vol-…:sdg`: at most 50 volumes with their device names. */
export const VOLUME_LIST_PATTERN = `^(vol-[0-9a-f]{8,17}:[a-z0-9]{2,10}( vol-[0-9a-f]{8,17}:[a-z0-9]{2,10}){0,49})?$`;

/** A folder for one run's mounts, below a folder that no other program uses. */
export const MOUNT_FOLDER_PATTERN = '^/run/lights-out/[a-z0-9-]{1,63}$';

/** The SSM Command document that writes buffers out and reads the files of volumes, read-only. */
export class VolumesDocument extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    commandDocument(this, 'Volumes', {
      name: names.volumesDocument,
      description:
        'Lights Out: writes the buffers of files out, and computes a digest over the files of volumes',
      script: 'volumes',
      timeoutSeconds: '{{ TimeoutSeconds }}',
      parameters: {
        Action: {
          type: 'String',
          description: 'What to do',
          allowedValues: ['flush', 'record', 'check', 'release'],
        },
        Volumes: {
          type: 'String',
          description: 'Volumes to read, separated by one space, each with the name it is attached under',
          allowedPattern: VOLUME_LIST_PATTERN,
          default: '',
        },
        Directory: {
          type: 'String',
          description: 'Folder to mount restored volumes in',
          allowedPattern: MOUNT_FOLDER_PATTERN,
        },
        Contents: {
          type: 'String',
          description: 'Whether to hash what the files contain',
          allowedValues: ['yes', 'no'],
          default: 'no',
        },
        TimeoutSeconds: {
          type: 'String',
          description: 'How long it may take, in seconds',
          allowedPattern: '^[0-9]{1,6}$',
          default: '120',
        },
      },
    });
  }
}
