import { beforeEach, describe, expect, it } from 'vitest';
import { principalOf } from '../../../functions/guard/principals.ts';
import { inputHash, recordRequest, requesterOf } from '../../../functions/guard/requests.ts';
import { ANOTHER_EXECUTION, Bucket, execution, standStill } from '../fixtures.ts';

const ANNA = principalOf('arn:aws:iam::123456789012:user/anna');
const INPUT = { reason: 'patch night', dryRun: false };
const KEY = `requests/${execution.name}`;
let bucket: Bucket;

standStill();
beforeEach(async () => {
  bucket = new Bucket();
  await recordRequest(execution.name, { executionArn: execution.id, input: INPUT, requester: ANNA });
});

describe('who asked for an execution', () => {
  it('is whom its record holds', async () => {
    expect(await requesterOf(execution, INPUT)).toEqual(ANNA);
    // Step Functions hands the input on parsed: the order of its keys is nobody's.
    expect(await requesterOf(execution, { dryRun: false, reason: 'patch night' })).toEqual(ANNA);
  });

  it.each<[string, () => unknown]>([
    ['there is no record', () => bucket.objects.clear()],
    ['the record is of another execution', () => edit({ executionArn: ANOTHER_EXECUTION })],
    ['the record is of another input', () => edit({ inputSha256: inputHash({ ...INPUT, dryRun: true }) })],
    ['the record is older than a day', () => edit({ at: '2026-11-26T13:29:00.000Z' })],
    ['the execution began before the record', () => edit({ at: '2026-11-27T13:40:00.000Z' })],
    ['its time cannot be read', () => edit({ at: 'yesterday' })],
  ])('is unknown when %s', async (_name, change) => {
    change();

    expect(await requesterOf(execution, INPUT)).toBe('unknown');
  });

  it('is not what the input says', async () => {
    expect(await requesterOf(execution, { ...INPUT, requestedBy: ANNA.id })).toBe('unknown');
  });

  it('is written once: a later record of the same name changes nothing', async () => {
    const mallory = principalOf('arn:aws:iam::123456789012:user/mallory');

    expect(
      await recordRequest(execution.name, { executionArn: execution.id, input: INPUT, requester: mallory }),
    ).toBe(false);
    expect(await requesterOf(execution, INPUT)).toEqual(ANNA);
  });
});

it('tells inputs apart, whatever the order of their keys', () => {
  expect(inputHash({ a: [1, { b: 2, c: 3 }], d: 'e' })).toBe(inputHash({ d: 'e', a: [1, { c: 3, b: 2 }] }));
  expect(inputHash({ a: '1' })).not.toBe(inputHash({ a: 1 }));
  expect(inputHash({ a: [1, 2] })).not.toBe(inputHash({ a: [2, 1] }));
});

function edit(change: object): void {
  bucket.put(KEY, { ...(bucket.read(KEY) as object), ...change });
}
