import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HealthCheck } from '../../../../functions/contract/health-config.ts';
import type { HealthResult } from '../../../../functions/contract/health-state.ts';
import { fingerprint } from '../../../../functions/contract/server-data.ts';
import { handler } from '../../../../functions/steps/health/handler.ts';
import { lookAtHttp } from '../../../../functions/steps/health/look-at-http.ts';
import { lookAtSql } from '../../../../functions/steps/health/look-at-sql.ts';
import { lookAtTcp } from '../../../../functions/steps/health/look-at-tcp.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  invocationAnswer,
  RUN_ID,
  runContext,
  standStill,
  system,
} from '../../fixtures.ts';

vi.mock('../../../../functions/steps/health/look-at-http.ts', () => ({ lookAtHttp: vi.fn() }));
vi.mock('../../../../functions/steps/health/look-at-tcp.ts', () => ({ lookAtTcp: vi.fn() }));
vi.mock('../../../../functions/steps/health/look-at-sql.ts', () => ({ lookAtSql: vi.fn() }));

const ssm = mockClient(SSMClient);
const web = vi.mocked(lookAtHttp);
const port = vi.mocked(lookAtTcp);
const sql = vi.mocked(lookAtSql);
let bucket: Bucket;

const START = '2026-11-30T05:00:00.000Z';
const GREEN = { green: true, answer: 'HTTP 200: CRM ready' };
const RED = { green: false, answer: 'HTTP 503; expected 200: maintenance' };

standStill(START);
allowNothing(ssm);
beforeEach(() => {
  vi.stubEnv('HEALTH_DOCUMENT', 'LightsOut-crm-Health');
  bucket = new Bucket();
  for (const mock of [web, port, sql]) mock.mockReset();
});

type Written = Partial<Omit<HealthCheck, 'http' | 'tcp' | 'sql' | 'script'>> & {
  name: string;
  http?: { url: string };
  tcp?: { host: string; port: number };
  sql?: { database: string; statement: string };
  script?: { server: string; path: string };
};

const PAGE: Written = { name: 'sign-in page', http: { url: 'https://crm.example.com/health' } };
const PORT: Written = { name: 'queue', tcp: { host: 'app-1', port: 6379 } };
const SCRIPT: Written = { name: 'files', script: { server: 'app-1', path: '/opt/crm/healthy' } };

/** A run of the step: each call is made when the one before asked for it. */
function stepOf(...health: Written[]) {
  let last: HealthResult | undefined;
  const config = system({ startup: { health } });
  return async (): Promise<HealthResult> => {
    if (last !== undefined) vi.setSystemTime(Date.now() + last.waitSeconds * 1000);
    last = await handler({
      action: 'check',
      execution,
      state: {
        run: runContext(),
        config,
        database: { address: 'crm-db.example.eu-central-1.rds.amazonaws.com', port: 5432 },
        ...(last === undefined ? {} : { health: JSON.parse(JSON.stringify(last)) as HealthResult }),
      },
    });
    return last;
  };
}

const evidence = () => bucket.read(`runs/crm/${RUN_ID}/health.json`);

describe('the health of a system that is brought back', () => {
  it('is green without checks, on record', async () => {
    expect(await stepOf()()).toEqual({ done: true, waitSeconds: 0, since: START, checks: [] });
    expect(evidence()).toMatchObject({ outcome: 'green', checks: [] });
  });

  it('needs two green looks, and one more of all in a last round', async () => {
    web.mockResolvedValue(GREEN);
    const call = stepOf(PAGE);

    expect(await call()).toMatchObject({
      done: false,
      waitSeconds: 10,
      checks: [{ green: false, inARow: 1 }],
    });
    expect(await call()).toMatchObject({
      done: false,
      waitSeconds: 10,
      checks: [{ green: true, inARow: 2 }],
    });
    expect(evidence()).toBeUndefined();
    expect(await call()).toEqual({
      done: true,
      waitSeconds: 0,
      since: START,
      checks: [
        {
          name: 'sign-in page',
          green: true,
          inARow: 3,
          looks: 3,
          since: START,
          greenAt: '2026-11-30T05:00:10.000Z',
          lastAnswer: GREEN.answer,
          lookedAt: '2026-11-30T05:00:20.000Z',
        },
      ],
    });
    expect(evidence()).toMatchObject({
      system: 'crm',
      run: RUN_ID,
      outcome: 'green',
      at: '2026-11-30T05:00:20.000Z',
      checks: [{ name: 'sign-in page', greenAt: '2026-11-30T05:00:10.000Z' }],
    });
  });

  it('begins to count anew after a red look', async () => {
    web.mockResolvedValueOnce(GREEN).mockResolvedValueOnce(RED).mockResolvedValue(GREEN);
    const call = stepOf(PAGE);
    await call();

    expect(await call()).toMatchObject({ checks: [{ inARow: 0, looks: 2, lastAnswer: RED.answer }] });
    expect(await call()).toMatchObject({ checks: [{ inARow: 1, green: false }] });
  });

  it('does not look at what is green until the others are, and then at all in one round', async () => {
    web.mockResolvedValue(GREEN);
    port.mockResolvedValue({ green: false, answer: 'refused' });
    const call = stepOf({ ...PAGE, inARow: 1 }, { ...PORT, inARow: 1, intervalSeconds: 15 });
    await call();
    port.mockResolvedValue({ green: true, answer: 'accepted' });

    expect(await call()).toMatchObject({ done: false, checks: [{ looks: 1 }, { looks: 2, green: true }] });
    expect(await call()).toMatchObject({ done: true, checks: [{ looks: 2 }, { looks: 3 }] });
  });

  it('lets nothing through that falls in the last round: it has to become green again', async () => {
    web.mockResolvedValue(GREEN);
    port.mockResolvedValue({ green: true, answer: 'accepted' });
    const call = stepOf(PAGE, PORT);
    await call();
    await call();
    web.mockResolvedValueOnce(RED);

    const fallen = await call();
    expect(fallen).toMatchObject({ done: false, checks: [{ green: false, inARow: 0 }, { green: true }] });
    expect(fallen).not.toHaveProperty('lastRound');
    expect(await call()).toMatchObject({ done: false, checks: [{ inARow: 1 }, { looks: 3 }] });
    expect(await call()).toMatchObject({ done: false, checks: [{ green: true }, { looks: 3 }] });
    expect(await call()).toMatchObject({ done: true, checks: [{ looks: 6 }, { looks: 4 }] });
  });

  it('fails at the deadline, naming each check with its last answer, on record before', async () => {
    web.mockResolvedValue(RED);
    port.mockResolvedValue({ green: true, answer: 'accepted' });
    sql.mockResolvedValue({ green: false, answer: 'no row' });
    const SQL: Written = { name: 'data', sql: { database: 'crm', statement: 'SELECT 1' } };
    const call = stepOf({ ...PAGE, deadlineMinutes: 1 }, PORT, { ...SQL, deadlineMinutes: 1 });
    let calls = 0;
    const failed = await (async () => {
      for (; calls < 50; calls += 1) await call();
      throw new Error('it never failed');
    })().catch((error: unknown) => error);

    expect(failed).toMatchObject({
      name: 'HealthNotGreen',
      message: expect.stringMatching(
        /"sign-in page" \(HTTP 503; expected 200: maintenance\), "data" \(no row\)/,
      ),
    });
    expect(String(failed)).not.toContain('queue');
    expect(calls).toBe(6);
    expect(evidence()).toMatchObject({ outcome: 'not-green', checks: [{ looks: 7 }, { green: true }, {}] });
  });

  it('gives a check that falls after its own deadline the time of the slowest', async () => {
    web.mockResolvedValue(GREEN);
    port.mockResolvedValue({ green: false, answer: 'refused' });
    const call = stepOf(
      { ...PAGE, inARow: 1, deadlineMinutes: 1 },
      { ...PORT, inARow: 1, deadlineMinutes: 3 },
    );
    for (let calls = 0; calls < 10; calls += 1) await call();
    port.mockResolvedValue({ green: true, answer: 'accepted' });
    await call();
    web.mockResolvedValue(RED);

    expect(await call()).toMatchObject({ done: false, checks: [{ green: false }, { green: true }] });
    vi.setSystemTime(Date.parse(START) + 180_000);
    await expect(call()).rejects.toMatchObject({ name: 'HealthNotGreen' });
  });

  it('asks the database at the address that its start found', async () => {
    sql.mockResolvedValue({ green: true, answer: 'a row' });
    await stepOf({ name: 'data', sql: { database: 'crm', statement: 'SELECT 1' } })();

    expect(sql).toHaveBeenCalledWith(
      { database: 'crm', statement: 'SELECT 1' },
      expect.objectContaining({ name: 'crm' }),
      expect.objectContaining({ address: 'crm-db.example.eu-central-1.rds.amazonaws.com', port: 5432 }),
    );
  });
});

describe('a program on a server', () => {
  const sent = () => ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
  const answers = (status: string, output: string, code = 0) =>
    ssm.on(ListCommandInvocationsCommand).resolves(invocationAnswer(status, output, { code }));

  it('is asked for by the fingerprint of the check, and its answer is read by a later call', async () => {
    sent();
    const call = stepOf({ ...SCRIPT, inARow: 1 });

    expect(await call()).toMatchObject({
      done: false,
      waitSeconds: 4,
      checks: [{ looks: 0, lastAnswer: '' }],
    });
    expect(ssm.commandCalls(SendCommandCommand)[0]?.args[0].input).toMatchObject({
      DocumentName: 'LightsOut-crm-Health',
      InstanceIds: ['i-0b1c2d3e4f5061728'],
      Parameters: { Check: [fingerprint('files')] },
    });
    answers('InProgress', '');
    expect(await call()).toMatchObject({ waitSeconds: 4, checks: [{ looks: 0 }] });
    answers('Success', 'lights-out health=0\n');
    expect(await call()).toMatchObject({ checks: [{ green: true, lastAnswer: 'exit code 0' }] });
    // The last round asks once more.
    await call();
    expect(await call()).toMatchObject({ done: true, checks: [{ looks: 2 }] });
    expect(ssm.commandCalls(SendCommandCommand)).toHaveLength(2);
  });

  it.each([
    ['Success', 'lights-out health=7\n', 0, 'exit code 7'],
    ['Success', 'lights-out health=127\n', 0, 'exit code 127, not found'],
    ['Success', 'lights-out health=late\n', 0, 'the program did not end within 10 s'],
    ['Success', 'nothing of ours', 0, 'the document did not say how the program ended'],
    ['Failed', '', 3, 'the document is of another configuration; deploy the stack'],
    ['Failed', '', 1, 'the command ended as "Failed" with exit code 1'],
  ])('is red when the command is %s with %j (%i)', async (status, output, code, answer) => {
    sent();
    answers(status, output, code);
    const call = stepOf(SCRIPT);
    await call();

    expect(await call()).toMatchObject({ checks: [{ green: false, looks: 1, lastAnswer: answer }] });
  });

  it('is red when its server cannot be asked, or does not answer within a minute', async () => {
    ssm.on(SendCommandCommand).rejects(awsError('InvalidInstanceId'));
    const call = stepOf(SCRIPT);
    expect(await call()).toMatchObject({
      waitSeconds: 10,
      checks: [{ looks: 1, lastAnswer: 'the SSM agent of app-1 does not answer' }],
    });

    sent();
    answers('Pending', '');
    await call();
    vi.setSystemTime(Date.now() + 60_000);
    expect(await call()).toMatchObject({
      checks: [{ looks: 2, lastAnswer: 'app-1 did not answer within 60 s' }],
    });
  });
});
