import { expect, test } from 'vitest';
import { ReadMemory } from '../../../sandbox/aws/read-memory.ts';

test('a stale read answers what was true before the last write of its service', async () => {
  let status = 'available';
  const memory = new ReadMemory();
  const read = () => memory.read('rds', 'DescribeDBInstances', { id: 'crm' }, () => status);

  expect(read()).toBeUndefined();
  await memory.beforeWrite('rds');
  status = 'stopping';
  await memory.beforeWrite('ec2');
  expect(read()?.()).toBe('available');

  await memory.beforeWrite('rds');
  status = 'stopped';
  expect(read()?.()).toBe('stopping');
});

test('an error is as stale as an answer', async () => {
  let exists = false;
  const memory = new ReadMemory();
  const run = () => {
    if (!exists) throw new Error('not found');
    return 'there';
  };
  memory.read('rds', 'DescribeDBSnapshots', {}, run);
  await memory.beforeWrite('rds');
  exists = true;
  expect(() => memory.read('rds', 'DescribeDBSnapshots', {}, run)?.()).toThrow('not found');
});
