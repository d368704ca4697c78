import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemConfig } from '../../../functions/contract/config.ts';
import {
  fetchStoredParts,
  LARGEST_INLINE_BYTES,
  storeLargeParts,
} from '../../../functions/runtime/run-state.ts';
import { defineStep } from '../../../functions/runtime/step.ts';
import { largestSystem } from '../../shapes.ts';
import { Bucket, RUN_ID, runContext } from '../fixtures.ts';

let bucket: Bucket;

beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  bucket = new Bucket();
});

const services = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `service-${index}`,
    server: 'web-1',
    state: 'active',
  }));

describe('large parts of a run’s state', () => {
  it('lie in the evidence of the run, and what is small or read by the machine stays', async () => {
    const long = { ...runContext(), reason: 'x'.repeat(2 * LARGEST_INLINE_BYTES) };
    const answer = { done: false, waitSeconds: 10, run: long, small: [1, 2], services: services(2000) };

    const kept = await storeLargeParts(answer, RUN_ID);

    expect(kept).toMatchObject({ done: false, waitSeconds: 10, run: long, small: [1, 2] });
    expect(kept.services).toMatchObject({
      storedAs: expect.stringMatching(new RegExp(`^state/crm/${RUN_ID}/[0-9a-f]{64}\\.json$`)),
    });
    expect(await fetchStoredParts(kept)).toEqual(answer);
  });

  it('leave the error of a closing where the state machine ends by it', async () => {
    const answer = { outcome: 'failed', error: { Error: 'PlanRejected', Cause: 'x'.repeat(4000) } };

    expect(await storeLargeParts(answer, RUN_ID)).toEqual(answer);
  });

  it('are the same object when a step runs twice', async () => {
    const answer = { services: services(100) };

    expect(await storeLargeParts(answer, RUN_ID)).toEqual(await storeLargeParts(answer, RUN_ID));
    expect(bucket.objects.size).toBe(1);
  });

  it('are found wherever a reference stands', async () => {
    const answer = { commands: services(101) };
    const kept = await storeLargeParts(answer, RUN_ID);

    expect(await fetchStoredParts({ backup: { volumes: kept }, list: [kept] })).toEqual({
      backup: { volumes: answer },
      list: [answer],
    });
  });

  it.each([
    ['an object of another kind', 'locks/crm'],
    ['an object of another system', `state/erp/${RUN_ID}/${'0'.repeat(64)}.json`],
    ['an object that is gone', `state/crm/${RUN_ID}/${'0'.repeat(64)}.json`],
  ])('are refused when the reference names %s', async (_what, storedAs) => {
    bucket.lock();

    await expect(fetchStoredParts({ services: { storedAs, bytes: 1 } })).rejects.toMatchObject({
      name: 'EvidenceMissing',
      message: expect.stringContaining(storedAs),
    });
  });

  it('are refused when somebody changed the object', async () => {
    const storedAs = `state/crm/${RUN_ID}/${'1'.repeat(64)}.json`;
    bucket.put(storedAs, { forged: true });

    await expect(fetchStoredParts({ config: { storedAs, bytes: 1 } })).rejects.toMatchObject({
      name: 'EvidenceMissing',
      message: expect.stringContaining('not what the run wrote'),
    });
  });
});

describe('a step', () => {
  it('gets the state whole, and its answer is small', async () => {
    const config = SystemConfig.parse(largestSystem());
    const seen: unknown[] = [];
    const step = defineStep(
      'plan',
      async (event: { action: string; state: { run: object; config: unknown } }) => {
        seen.push(event.state.config);
        return { ...event.state };
      },
    );

    const first = await step({ action: 'look', state: { run: runContext(), config } });
    const second = await step({ action: 'look', state: first });

    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(2 * LARGEST_INLINE_BYTES);
    expect(seen).toEqual([config, config]);
    expect(second).toEqual(first);
  });

  it('that names 2,000 services in its error names as many as fit, and counts the rest', async () => {
    const names = services(2000).map(({ name }) => name);
    const step = defineStep('services', async (_event: { action: string }) => {
      throw new Error(`not stopped: ${names.join(', ')}`);
    });

    const error = await step({ action: 'stop' }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      message: expect.stringMatching(/^not stopped: service-0, .*, and 1,\d+ more$/),
    });
    const { message, stack = '' } = error as Error;
    // As Lambda hands it on: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
    expect(JSON.stringify({ errorMessage: message, trace: stack.split('\n') }).length).toBeLessThan(12_000);
    expect(
      Number(/and 1,(\d+) more/.exec(message)?.[1]) + 1000 + (message.match(/service-/g) ?? []).length,
    ).toBe(2000);
  });
});
