import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { statusCommand } from '../../cli/status.ts';
import { standInApi } from './api-stand-in.ts';

const api = standInApi();
const RUN = 'scheduled-shutdown-20261127T140000Z';
const ask = (...words: string[]) => api.type([...words, '--api', api.url()]);
const sent = () => api.asked.map(({ method, url, body }) => `${method} ${url} ${body}`.trim());

describe('lights-out approve and deny', () => {
  it.each([
    [['approve', RUN], 'the run goes on', { decision: 'approve' }, `${RUN}: approved; the run goes on.\n`],
    [
      ['deny', RUN, '--comment', 'Not tonight'],
      'the run ends; nothing was touched',
      { decision: 'deny', comment: 'Not tonight' },
      `${RUN}: denied; the run ends; nothing was touched.\n`,
    ],
  ])('%j answers the run', async (words, next, body, out) => {
    api.answers = [{ status: 200, body: { run: RUN, next } }];

    expect(await ask(...words)).toEqual({ code: 0, out, errors: '' });
    expect(sent()).toEqual([`POST /runs/${RUN}/approval ${JSON.stringify(body)}`]);
  });

  it('says why an answer does not count', async () => {
    api.answers = [{ status: 403, body: { error: 'arn:anna asked for this run: …' } }];

    expect(await ask('approve', RUN)).toEqual({
      code: 1,
      out: `${RUN}: the answer does not count (403): arn:anna asked for this run: …\n`,
      errors: '',
    });
  });

  it.each([[['approve']], [['approve', '--comment', 'x']], [['deny', '../x']], [['status']]])(
    '%j asks nothing without a run',
    async (words) => {
      expect(await ask(...words)).toEqual({
        code: 2,
        out: '',
        errors: expect.stringMatching(/expected the run first.*e\.g\. lights-out/),
      });
      expect(sent()).toEqual([]);
    },
  );
});

describe('lights-out status', () => {
  const status = (more: object) => ({
    status: 200,
    body: {
      run: RUN,
      action: 'shutdown',
      runId: '20261127-1230-1a2b3c4d',
      status: 'RUNNING',
      startedAt: '2026-11-27T12:30:00.000Z',
      ...more,
    },
  });
  const ended = { endedAt: '2026-11-27T14:42:00.000Z' };

  it('says how a run is, and who has approved it', async () => {
    api.answers = [status({ approval: { needed: 2, approvedBy: ['arn:wang'] } })];

    expect(await ask('status', RUN)).toEqual({
      code: 0,
      out: `${RUN} (shutdown, 20261127-1230-1a2b3c4d): RUNNING
  began 2026-11-27T12:30:00.000Z
  approvals: 1 of 2 (arn:wang)
`,
      errors: '',
    });
  });

  it.each([
    [
      'well',
      { status: 'SUCCEEDED', outcome: 'succeeded', ...ended },
      0,
      /: succeeded\n.*ended 2026-11-27T14:42/,
    ],
    [
      'badly',
      { status: 'FAILED', error: 'SessionsRemain', cause: '3 sessions', ...ended },
      1,
      /: FAILED\n.*\n {2}SessionsRemain: 3 sessions\n$/,
    ],
  ])('ends as the run: %s', async (_name, more, code, words) => {
    api.answers = [status(more)];

    expect(await ask('status', RUN)).toMatchObject({ code, out: expect.stringMatching(words) });
  });

  it('is not known', async () => {
    api.answers = [{ status: 404, body: { error: 'no such run' } }];

    expect(await ask('status', 'x')).toMatchObject({
      code: 1,
      out: 'x: nothing is known (404): no such run\n',
    });
  });

  it('watches until the run has ended, and says only what has changed', async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-secret');
    let text = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    onTestFinished(() => {
      write.mockRestore();
      vi.unstubAllEnvs();
    });
    api.answers = [
      status({}),
      status({}),
      status({ approval: { needed: 1, approvedBy: [] } }),
      status({ status: 'SUCCEEDED', outcome: 'succeeded', ...ended }),
    ];

    expect(await statusCommand([RUN, '--watch', '--api', api.url()], 1)).toBe(0);
    expect(text.match(/RUNNING|succeeded/g)).toEqual(['RUNNING', 'RUNNING', 'succeeded']);
    expect(sent()).toHaveLength(4);
  });
});

describe('lights-out shutdown', () => {
  it('asks with --yes, and says how to follow the run', async () => {
    api.answers = [{ status: 202, body: { run: 'api-1' } }];
    const words = ['--at', '2026-11-27T22:00:00+08:00', '--back-at', '2026-11-30T06:00:00+08:00'];

    expect(await ask('shutdown', '--system', 'crm', ...words, '--reason', 'Weekend', '--yes')).toEqual({
      code: 0,
      out: 'crm is being shut down by run api-1. To follow it: lights-out status api-1 --watch\n',
      errors: '',
    });
    expect(sent()).toEqual([
      'POST /systems/crm/shutdowns {"at":"2026-11-27T22:00:00+08:00","backAt":"2026-11-30T06:00:00+08:00","reason":"Weekend"}',
    ]);
  });

  it.each([
    [['--dry-run'], '{"dryRun":true}', /^crm: the plan is being made by run api-1/],
    [['--only-prove'], '{"onlyProve":true}', /^crm: a backup is being taken and proved by run api-1/],
    [
      ['--emergency', '--force', '--verification', 'none', '--reason', 'fire', '--yes'],
      '{"reason":"fire","emergency":true,"force":true,"verification":"none"}',
      /^crm is being shut down/,
    ],
  ])('passes %j on', async (words, body, out) => {
    api.answers = [{ status: 202, body: { run: 'api-1' } }];

    expect(await ask('shutdown', '--system', 'crm', ...words)).toMatchObject({
      code: 0,
      out: expect.stringMatching(out),
    });
    expect(sent()).toEqual([`POST /systems/crm/shutdowns ${body}`]);
  });

  it.each([
    [['--system', 'crm'], /nobody can type the name.*--yes/],
    [['--yes'], /--system: missing/],
    [
      ['--system', 'crm', '--yes', '--verification', 'some'],
      /--verification some: expected "full" or "none"/,
    ],
  ])('%j asks nothing', async (words, errors) => {
    expect(await ask('shutdown', ...words)).toMatchObject({ code: 2, errors: expect.stringMatching(errors) });
    expect(sent()).toEqual([]);
  });

  it('says what was refused', async () => {
    api.answers = [{ status: 400, body: { error: 'not valid', problems: ['body.at: has passed'] } }];

    expect(await ask('shutdown', '--system', 'crm', '--yes')).toMatchObject({
      code: 1,
      out: 'crm is not shut down (400): not valid\n  body.at: has passed\n',
    });
  });
});
