import { Construct } from 'constructs';
import { FLAG_FILE_PATTERN, SERVICE_NAME_PATTERN } from '../functions/shared/contract/config.ts';
import { commandDocument } from './command-document.ts';
import type { ResourceNames } from './resource-names.ts';

/** `^name( name)*$`, from the pattern of one name. RE2 takes no count inside another of more than 1,000 in all, so there is none. */
export const SERVICE_LIST_PATTERN = `^${inner(SERVICE_NAME_PATTERN)}( ${inner(SERVICE_NAME_PATTERN)})*$`;

/**
 * The system's own SSM Command documents. They can do one thing each, to names that match a pattern, in place of
 * AWS-RunShellScript, which is root for whoever may send it.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
 */
export class ServiceDocuments extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    if (names.system.services.length > 0) this.services(names);
    if (names.system.maintenance !== undefined) this.maintenance(names);
  }

  private services(names: ResourceNames): void {
    commandDocument(this, 'Services', {
      name: names.serviceDocument,
      description: 'Lights Out: stops or starts services and says their state',
      script: 'services',
      parameters: {
        Action: { type: 'String', description: 'What to do', allowedValues: ['stop', 'start', 'status'] },
        Services: {
          type: 'String',
          description: 'Names, separated by one space',
          allowedPattern: SERVICE_LIST_PATTERN,
        },
        WaitSeconds: {
          type: 'String',
          description: 'How long to wait for the services, in seconds',
          allowedPattern: '^[0-9]{1,3}$',
          default: '25',
        },
      },
    });
  }

  private maintenance(names: ResourceNames): void {
    commandDocument(this, 'Maintenance', {
      name: names.maintenanceDocument,
      description: 'Lights Out: switches maintenance mode',
      script: 'maintenance',
      parameters: {
        Action: { type: 'String', description: 'What to do', allowedValues: ['on', 'off'] },
        FlagFile: {
          type: 'String',
          description: 'Absolute path of the flag file',
          allowedPattern: FLAG_FILE_PATTERN,
        },
      },
    });
  }
}

function inner(pattern: string): string {
  return pattern.replace(/^\^/, '').replace(/\$$/, '');
}
