import { execFileSync } from 'node:child_process';
import * as ec2 from '@aws-sdk/client-ec2';
import * as rds from '@aws-sdk/client-rds';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as ses from '@aws-sdk/client-ses';
import * as stepfunctions from '@aws-sdk/client-sfn';
import * as ssm from '@aws-sdk/client-ssm';

/** What a page lets people type, and bash does not bring along. */
const PROGRAMS = ['npm', 'npx', 'aws', 'node', 'sudo', 'systemctl', 'curl', 'open'];
const CLIENTS: Record<string, object> = { ec2, rds, secretsmanager, ses, ssm, stepfunctions };

/**
 * The words of each command of a block, as bash reads them. No program runs: each stands in by a function that says what it was called with.
 */
export function typedCommands(block: string): string[][] {
  const script = [
    'exec 3>&1',
    ...PROGRAMS.map((name) => `${name}() { printf '%s\\0' ${name} "$@" >&3; printf '\\n' >&3; }`),
    // `<run>` is for people, not for bash.
    block.replaceAll(/<([\w' ]+)>/g, 'x'),
  ].join('\n');
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' })
    .split('\0\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\0'));
}

/** Those of AWS that no client of its service knows. Only services whose client is here are judged, and no `wait`, which is the command line's own. */
export function unknownOperations(commands: string[][]): string[] {
  return commands.flatMap(([program, service = '', operation = '']) => {
    const client = CLIENTS[service];
    if (program !== 'aws' || client === undefined || operation === 'wait') return [];
    // The service's own spelling: `describe-db-instances` is DescribeDBInstances.
    const name = `${operation.replaceAll('-', '')}command`;
    return Object.keys(client).some((known) => known.toLowerCase() === name)
      ? []
      : [`${service} ${operation}`];
  });
}
