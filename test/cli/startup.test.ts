import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));

/** A stand-in of the operator API: keeps what it was asked, answers what the test says. */
let server: Server;
let answer: { status: number; body: unknown };
let asked: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[];

beforeEach(async () => {
  asked = [];
  answer = { status: 202, body: { run: 'startup-1', statusUrl: '/runs/startup-1' } };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const startup = (options: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; errors: string }>((resolve) => {
    execFile(
      process.execPath,
      [CLI, 'startup', ...options],
      {
        env: {
          PATH: process.env['PATH'],
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'not-a-secret',
          ...environment,
        },
      },
      (error, out, errors) => resolve({ code: Number(error?.code ?? 0), out, errors }),
    );
  });

it('asks the operator API, signed, for a start-up, and names the run', async () => {
  const { code, out } = await startup(['--system', 'crm', '--api', url()]);

  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('brought back by run startup-1') });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: 'POST', url: '/systems/crm/startups', body: '{}' });
  expect(asked[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);
});

it('hands on what it was told, and prints JSON', async () => {
  const options = [
    '--back-at',
    '2026-11-28T08:00:00+08:00',
    '--accept-differences',
    'a migration',
    '--dry-run',
  ];
  const { code, out } = await startup(['--system', 'crm', '--reason', 'Monday', '--json', ...options], {
    LIGHTS_OUT_API: url(),
  });

  expect({ code, body: JSON.parse(out) }).toMatchObject({ code: 0, body: { run: 'startup-1' } });
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    backAt: '2026-11-28T08:00:00+08:00',
    acceptDifferences: 'a migration',
    dryRun: true,
    reason: 'Monday',
  });
});

it.each([
  [
    'a refused body',
    400,
    { error: 'not valid', problems: ['body.backAt: expected a time'] },
    /400.*not valid/s,
  ],
  ['another system', 404, { error: 'no system is called "crm" here' }, /404.*no system/],
  ['a missing permission', 403, { message: 'User is not authorized' }, /403.*not authorized/],
  ['an answer that is no JSON', 502, '<html>', /502.*<html>/],
])('ends with 1 for %s', async (_case, status, body, words) => {
  answer = { status, body };

  const { code, out } = await startup(['--system', 'crm', '--api', url()]);
  expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(words) });
});

it.each<[string, string[], RegExp]>([
  ['no system', ['--api', 'http://127.0.0.1:1'], /--system: missing/],
  ['no address', ['--system', 'crm'], /--api: missing/],
  ['nobody at that address', ['--system', 'crm', '--api', 'http://127.0.0.1:1'], /could not be asked/],
  ['an unknown option', ['--system', 'crm', '--force'], /--force/],
])('ends with 2 for %s', async (_case, options, words) => {
  const { code, errors } = await startup(options);

  expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(words) });
});
