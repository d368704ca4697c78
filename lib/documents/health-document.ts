import { Construct } from 'constructs';
import type { Server, SystemConfig } from '../../functions/contract/config.ts';
import { asData, fingerprint } from '../../functions/contract/server-data.ts';
import type { ResourceNames } from '../resource-names.ts';
import { commandDocument } from './command-document.ts';

/** Whether a health check of the system is a program on a server. */
export function hasHealthScripts({ startup }: SystemConfig): boolean {
  return startup.health.some(({ script }) => script !== undefined);
}

/**
 * The SSM Command document that runs the programs of health checks. It takes the fingerprint of a check's name. The paths stand in the
 * document: whoever may send it can run no other program.
 */
export class HealthDocument extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    const { system } = names;
    commandDocument(this, 'Health', {
      name: names.healthDocument,
      description: 'Lights Out: runs the program of a health check and says its exit code',
      script: 'health',
      own: { linux: programsOn(system, 'linux'), windows: programsOn(system, 'windows') },
      // The script gives the program 10 s.
      timeoutSeconds: '20',
      parameters: {
        Check: {
          type: 'String',
          description: 'Fingerprint of the name of a check',
          allowedValues: system.startup.health.flatMap(({ name, script }) =>
            script === undefined ? [] : [fingerprint(name)],
          ),
        },
      },
    });
  }
}

/** `<fingerprint of the check's name>:<path as base64>` of each program on servers of that platform. */
function programsOn({ servers, startup }: SystemConfig, platform: Server['platform']): string[] {
  return startup.health.flatMap(({ name, script }) =>
    servers.some((server) => server.name === script?.server && server.platform === platform) &&
    script !== undefined
      ? [`${fingerprint(name)}:${asData(script.path)}`]
      : [],
  );
}
