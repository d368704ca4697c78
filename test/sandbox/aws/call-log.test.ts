import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallLog, redact } from '../../../sandbox/aws/call-log.ts';
import type { ServiceName } from '../../../sandbox/aws/operation.ts';
import { serviceModel } from '../../../sandbox/aws/protocol/model.ts';
import { stillClock } from './protocol/world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'call-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const call = {
  function: 'snapshot',
  service: 'rds',
  resources: ['arn:x'],
  parameters: { A: 1 },
  outcome: 'ok',
};

test('a line a call is there at once, in simulated time, and stays in memory', () => {
  const path = join(directory, 'deep', 'calls.jsonl');
  const log = new CallLog(stillClock, path);

  log.append({ ...call, operation: 'CreateDBSnapshot' });
  log.append({ ...call, operation: 'DescribeDBSnapshots', outcome: 'Throttling', fault: 'throttle' });
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  log.close();
  log.append({ ...call, operation: 'late' });

  expect(lines.map((line) => JSON.parse(line))).toEqual(log.calls.slice(0, 2));
  expect(log.calls[0]).toEqual({ at: '2026-11-27T12:00:00.000Z', ...call, operation: 'CreateDBSnapshot' });
  expect(log.calls[1]).toMatchObject({ outcome: 'Throttling', fault: 'throttle' });
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
});

const input = (service: ServiceName, operation: string) =>
  serviceModel(service).operations.get(operation)?.input;

test.each([
  ['ssm', 'PutParameter', { Name: 'n', Value: 'hidden' }, { Name: 'n', Value: '[redacted]' }],
  [
    'states',
    'StartExecution',
    { stateMachineArn: 'a', input: '{"x":1}' },
    { stateMachineArn: 'a', input: '[redacted]' },
  ],
  [
    'states',
    'SendTaskSuccess',
    { taskToken: 't', output: '{}' },
    { taskToken: '[redacted]', output: '[redacted]' },
  ],
  [
    'rds',
    'ModifyDBInstance',
    { MasterUserPassword: 'p', DBInstanceIdentifier: 'crm' },
    { MasterUserPassword: '[redacted]', DBInstanceIdentifier: 'crm' },
  ],
  ['rds', 'DescribeDBInstances', { Marker: 'm', MaxRecords: 20 }, { Marker: 'm', MaxRecords: 20 }],
  ['ec2', 'DescribeInstances', { NextToken: 'page' }, { NextToken: 'page' }],
  ['secretsmanager', 'GetSecretValue', { SecretId: 'arn:secret' }, { SecretId: 'arn:secret' }],
  [
    'secretsmanager',
    'PutSecretValue',
    { SecretId: 'arn:secret', SecretString: 'p' },
    { SecretId: 'arn:secret', SecretString: '[redacted]' },
  ],
  ['s3', 'PutObject', { Key: 'k', Body: Buffer.from('12345') }, { Key: 'k', Body: { bytes: 5 } }],
  [
    'ses',
    'SendRawEmail',
    { RawMessage: { Data: Buffer.from('123') }, Destinations: ['a@example.com'] },
    { RawMessage: { Data: { bytes: 3 } }, Destinations: ['a@example.com'] },
  ],
] as const)('%s %s: secrets and bodies are not kept', (service, operation, value, kept) => {
  expect(redact(value, input(service, operation))).toEqual(kept);
});

test('names decide where there is no schema', () => {
  const value = {
    DBPassword: 'a',
    nested: [{ apiSecret: 'b', accessToken: ['c'], ok: 'd' }],
    NextToken: 'e',
    when: new Date(0),
    big: 7n,
    none: null,
  };
  expect(redact(value)).toEqual({
    DBPassword: '[redacted]',
    nested: [{ apiSecret: '[redacted]', accessToken: '[redacted]', ok: 'd' }],
    NextToken: 'e',
    when: '1970-01-01T00:00:00.000Z',
    big: '7',
    none: null,
  });
});

test('a long text is cut', () => {
  expect(redact('x'.repeat(5_000))).toBe(`${'x'.repeat(4_096)}… (5000 characters)`);
});
