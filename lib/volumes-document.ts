import { Construct } from 'constructs';
import { commandDocument } from './command-document.ts';
import type { ResourceNames } from './resource-names.ts';

/** The SSM Command document that has a server write its files' buffers out. */
export class VolumesDocument extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    commandDocument(this, 'Volumes', {
      name: names.volumesDocument,
      description: 'Lights Out: writes the buffers of files out',
      script: 'volumes',
      parameters: {
        Action: { type: 'String', description: 'What to do', allowedValues: ['flush'] },
      },
    });
  }
}
