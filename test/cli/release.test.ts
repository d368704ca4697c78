import { beforeEach, describe, expect, it } from 'vitest';
import { standInApi } from './api-stand-in.ts';

const api = standInApi();
const { url } = api;
const release = (options: string[], environment: Record<string, string> = {}) =>
  api.type(['release', ...options], environment);
const lightsOut = (command: string, options: string[], environment: Record<string, string> = {}) =>
  api.type([command, ...options], environment);
const answers = (status: number, body: unknown): void => {
  api.answers = [{ status, body }];
};

beforeEach(() => answers(200, { system: 'crm', released: true, since: 'now', by: 'arn:li' }));

const HELD = {
  id: '20261201T0800-1a2b3c4d',
  from: '2026-12-01T08:00:00.000Z',
  until: '2026-12-31T10:00:00.000Z',
  reason: 'Closing of the year',
  by: { kind: 'user', id: 'arn', name: 'alice' },
};

describe('lights-out hold', () => {
  const hold = (...options: string[]) => lightsOut('hold', ['--system', 'crm', '--api', url(), ...options]);

  it('places a hold, and shows it', async () => {
    answers(201, { hold: HELD });

    expect(await hold('--until', '2026-12-31T18:00:00+08:00', '--reason', 'Closing of the year')).toEqual({
      code: 0,
      out: 'crm is held: from 2026-12-01T08:00:00.000Z until 2026-12-31T10:00:00.000Z, by alice: Closing of the year (id 20261201T0800-1a2b3c4d)\n',
      errors: '',
    });
    expect(api.asked[0]).toMatchObject({
      method: 'POST',
      url: '/systems/crm/holds',
      body: '{"until":"2026-12-31T18:00:00+08:00","reason":"Closing of the year"}',
    });
  });

  it.each([
    ['lists', ['--list'], { holds: [HELD, HELD] }, 'GET', '/systems/crm/holds', /(crm is held.*\n){2}/],
    ['lists none', ['--list'], { holds: [] }, 'GET', '/systems/crm/holds', /^crm is not held\.\n$/],
    [
      'ends',
      ['--end', HELD.id],
      { hold: { ...HELD, ended: { at: '2026-12-02T00:00:00.000Z', by: 'arn' } } },
      'DELETE',
      `/systems/crm/holds/${HELD.id}`,
      /is not held any more \(ended at 2026-12-02/,
    ],
  ])('%s', async (_name, options, body, method, path, words) => {
    answers(200, body);

    const { code, out } = await hold(...options);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(words) });
    expect(api.asked[0]).toMatchObject({ method, url: path });
  });

  it('says what the API refused', async () => {
    answers(400, { error: 'no valid hold', problems: ['body.until: has passed'] });

    const { code, out } = await hold('--until', '2020-01-01T00:00:00Z', '--reason', 'x');
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringMatching(/400.*no valid hold\n {2}body\.until/),
    });
  });

  it.each([
    ['nothing to do', [], /expected one of --until TIME .*, --list and --end ID/],
    ['two things', ['--list', '--end', 'h'], /expected one of --until TIME/],
    ['no reason', ['--until', '2026-12-31T18:00:00+08:00'], /--reason: missing/],
  ])('asks nothing with %s', async (_name, options, words) => {
    const { code, errors } = await hold(...options);

    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(words) });
    expect(api.asked).toEqual([]);
  });
});

describe('lights-out release', () => {
  it('asks the operator API, signed, and says what came of it', async () => {
    const { code, out } = await release(['--system', 'crm', '--api', url(), '--reason', 'Monday']);

    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('crm is released') });
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0]).toMatchObject({
      method: 'POST',
      url: '/systems/crm/release',
      body: '{"reason":"Monday"}',
    });
    expect(api.asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$/,
    );
    expect(JSON.stringify(api.asked)).not.toContain('not-a-secret');
  });

  it('takes the address from the environment, and prints JSON', async () => {
    const { code, out } = await release(['--system', 'crm', '--json'], { LIGHTS_OUT_API: url() });

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ released: true });
  });

  it('says so when nothing changed', async () => {
    answers(200, { system: 'crm', released: false, since: 'monday', by: 'arn:li' });

    const { code, out } = await release(['--system', 'crm', '--api', url()]);

    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining('already (since monday, by arn:li)'),
    });
  });

  it.each([
    ['a run in progress', 409, { error: 'run r1 is in progress' }, /409.*run r1 is in progress/],
    ['a missing permission', 403, { message: 'User is not authorized' }, /403.*not authorized/],
    ['an answer that is no JSON', 502, '<html>', /502.*<html>/],
  ])('ends with 1 for %s', async (_name, status, body, words) => {
    answers(status, body);

    const { code, out } = await release(['--system', 'crm', '--api', url()]);

    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['no system', ['--api', 'http://127.0.0.1:1'], {}, /--system: missing/],
    ['no address', ['--system', 'crm'], {}, /--api: missing.*OperatorApiUrl/],
    ['an address that is none', ['--system', 'crm', '--api', 'crm'], {}, /--api crm: not a URL/],
    ['nobody at that address', ['--system', 'crm', '--api', 'http://127.0.0.1:1'], {}, /could not be asked/],
    ['no Region', ['--system', 'crm', '--api', 'http://127.0.0.1:1'], { AWS_REGION: '' }, /Region/],
    ['an unknown option', ['--system', 'crm', '--force'], {}, /--force/],
  ])('ends with 2 for %s', async (_name, options, environment, words) => {
    const { code, errors } = await release(options, environment);

    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(words) });
  });
});

describe('lights-out finish', () => {
  it('asks the operator API, signed, and names the execution that does it', async () => {
    answers(202, { system: 'crm', wanted: 'off', execution: 'arn:keep' });

    const { code, out } = await lightsOut('finish', ['--system', 'crm', '--api', url()]);

    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/being switched off.*\n.*arn:keep/),
    });
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0]).toMatchObject({ method: 'POST', url: '/systems/crm/finish', body: '{}' });
    expect(api.asked[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);
  });

  it('prints JSON', async () => {
    answers(202, { execution: 'arn:keep' });

    const { code, out } = await lightsOut('finish', ['--system', 'crm', '--api', url(), '--json']);

    expect({ code, body: JSON.parse(out) }).toEqual({ code: 0, body: { execution: 'arn:keep' } });
  });

  it('ends with 1 when the system is meant to be on', async () => {
    answers(409, { error: 'crm is meant to be on' });

    const { code, out } = await lightsOut('finish', ['--system', 'crm', '--api', url()]);

    expect({ code, out }).toEqual({ code: 1, out: 'crm was not finished (409): crm is meant to be on\n' });
  });

  it('ends with 2 for no system', async () => {
    const { code, errors } = await lightsOut('finish', ['--api', url()]);

    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(/--system: missing/) });
  });
});
