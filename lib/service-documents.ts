import { readFileSync } from 'node:fs';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { FLAG_FILE_PATTERN, SERVICE_NAME_PATTERN } from '../functions/shared/contract/config.ts';
import type { ResourceNames } from './resource-names.ts';

interface DocumentParameter {
  type: 'String';
  description: string;
  allowedValues?: string[];
  allowedPattern?: string;
  default?: string;
}

/** `^name( name)*$`, from the pattern of one name: at most 50 of them. */
export const SERVICE_LIST_PATTERN = `^${inner(SERVICE_NAME_PATTERN)}( ${inner(SERVICE_NAME_PATTERN)}){0,49}$`;

/**
 * The system's own SSM Command documents. They can do one thing each, to names that match a pattern, in place of
 * AWS-RunShellScript, which is root for whoever may send it.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
 */
export class ServiceDocuments extends Construct {
  constructor(scope: Construct, id: string, names: ResourceNames) {
    super(scope, id);
    const list = 'Names, separated by one space';
    this.document(
      'Services',
      names.serviceDocument,
      'Lights Out: stops or starts services and says their state',
      'services',
      {
        Action: { type: 'String', description: 'What to do', allowedValues: ['stop', 'start', 'status'] },
        Services: { type: 'String', description: list, allowedPattern: SERVICE_LIST_PATTERN },
        WaitSeconds: {
          type: 'String',
          description: 'How long to wait for the services, in seconds',
          allowedPattern: '^[0-9]{1,3}$',
          default: '25',
        },
      },
    );
    this.document(
      'Maintenance',
      names.maintenanceDocument,
      'Lights Out: switches maintenance mode',
      'maintenance',
      {
        Action: { type: 'String', description: 'What to do', allowedValues: ['on', 'off'] },
        FlagFile: {
          type: 'String',
          description: 'Absolute path of the flag file',
          allowedPattern: FLAG_FILE_PATTERN,
        },
      },
    );
  }

  private document(
    id: string,
    name: string,
    description: string,
    script: string,
    parameters: Record<string, DocumentParameter>,
  ): CfnDocument {
    return new CfnDocument(this, id, {
      name,
      documentType: 'Command',
      documentFormat: 'JSON',
      // A named document cannot be replaced; a new version of it can.
      updateMethod: 'NewVersion',
      content: {
        schemaVersion: '2.2',
        description,
        parameters,
        mainSteps: [
          {
            action: 'aws:runShellScript',
            name: 'linux',
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: { timeoutSeconds: '120', runCommand: lines(`${script}.sh`) },
          },
          {
            action: 'aws:runPowerShellScript',
            name: 'windows',
            precondition: { StringEquals: ['platformType', 'Windows'] },
            inputs: { timeoutSeconds: '120', runCommand: lines(`${script}.ps1`) },
          },
        ],
      },
    });
  }
}

function lines(file: string): string[] {
  const text = readFileSync(new URL(`./documents/${file}`, import.meta.url), 'utf8');
  return text.trimEnd().split('\n');
}

function inner(pattern: string): string {
  return pattern.replace(/^\^/, '').replace(/\$$/, '');
}
