import { Construct } from 'constructs';
import type { Server } from '../../functions/contract/config.ts';
import { DATA_PATTERN, fingerprint } from '../../functions/contract/server-data.ts';
import type { ResourceNames } from '../resource-names.ts';
import { commandDocument } from './command-document.ts';

/**
 * The system's own SSM Command documents. Each does one thing, and only to objects of this system. The alternative, AWS-RunShellScript,
 * makes its sender root. The document holds the fingerprints of the system's objects.
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
      own: ownServices(names),
      parameters: {
        Action: { type: 'String', description: 'What to do', allowedValues: ['stop', 'start', 'status'] },
        Services: {
          type: 'String',
          description: 'Names, one a line, encoded as base64',
          allowedPattern: DATA_PATTERN,
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
    const flag = [fingerprint(names.system.maintenance?.flagFile ?? '')];
    commandDocument(this, 'Maintenance', {
      name: names.maintenanceDocument,
      description: 'Lights Out: switches maintenance mode',
      script: 'maintenance',
      own: { linux: flag, windows: flag },
      parameters: {
        Action: { type: 'String', description: 'What to do', allowedValues: ['on', 'off'] },
        FlagFile: {
          type: 'String',
          description: 'Absolute path of the flag file, encoded as base64',
          allowedPattern: DATA_PATTERN,
        },
      },
    });
  }
}

function ownServices({ system }: ResourceNames): Record<Server['platform'], string[]> {
  const on = (platform: Server['platform']): string[] => {
    const servers = new Set(
      system.servers.flatMap((each) => (each.platform === platform ? [each.name] : [])),
    );
    const names = system.services.flatMap(({ name, server }) => (servers.has(server) ? [name] : []));
    return [...new Set(names)].sort().map(fingerprint);
  };
  return { linux: on('linux'), windows: on('windows') };
}
