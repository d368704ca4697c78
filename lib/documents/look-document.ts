import { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import type { ResourceNames } from '../resource-names.ts';
import { commandDocument } from './command-document.ts';

/** Whether a system has services, maintenance mode or files on its servers, which a run would meet. */
export function hasLook({ services, maintenance, files }: SystemConfig): boolean {
  return services.length > 0 || maintenance !== undefined || files.backup === 'verify';
}

/** Base64 or empty, for RE2 like `DATA_PATTERN`. */
const OPTIONAL_DATA_PATTERN = '^[A-Za-z0-9+/]*={0,2}$';

/** The SSM Command document by which the plan looks at a server before anybody is told. It changes nothing. */
export class LookDocument extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    const text = (description: string) => ({
      type: 'String' as const,
      description,
      allowedPattern: OPTIONAL_DATA_PATTERN,
      default: '',
    });
    commandDocument(this, 'Look', {
      name: names.lookDocument,
      description: 'Lights Out: looks at services, what depends on them, and the folder of the flag file',
      script: 'look',
      parameters: {
        Services: text('Names, one a line, encoded as base64'),
        FlagFile: text('Absolute path of the flag file, encoded as base64'),
        Files: {
          type: 'String',
          description: 'Whether restored volumes are read on this server',
          allowedValues: ['yes', 'no'],
          default: 'no',
        },
      },
    });
  }
}
