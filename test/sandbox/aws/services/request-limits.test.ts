import { describe, expect, test } from 'vitest';
import { checkFilters, checkSendCommand } from '../../../../sandbox/aws/services/request-limits.ts';

const command = (changes: object = {}) => ({ DocumentName: 'd', InstanceIds: ['i-1'], ...changes });
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `i-${index}`);

describe('what AWS takes of no request', () => {
  test.each([
    ['51 instances of one command', { InstanceIds: many(51) }, /instanceIds.*50/],
    ['a comment of 101 characters', { Comment: 'x'.repeat(101) }, /comment.*100/],
    ['a delivery within 29 seconds', { TimeoutSeconds: 29 }, /timeoutSeconds.*30/],
  ])('%s', (_case, changes, message) => {
    expect(() => checkSendCommand(command(changes))).toThrow(message);
  });

  test('the most of each is taken', () => {
    const most = { InstanceIds: many(50), Comment: 'x'.repeat(100), TimeoutSeconds: 30 };

    expect(() => checkSendCommand(command(most))).not.toThrow();
    expect(() => checkFilters([{ Name: 'instance-id', Values: many(200) }])).not.toThrow();
  });

  test('201 values of one filter', () => {
    expect(() => checkFilters([{ Name: 'instance-id', Values: many(201) }])).toThrow(/200/);
  });
});
