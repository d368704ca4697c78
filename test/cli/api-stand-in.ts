import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';

const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));

interface Asked {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A stand-in of the operator API, for each test of a file: keeps what it was asked, answers what the test says. */
export function standInApi() {
  let server: Server;
  const api = {
    asked: [] as Asked[],
    /** What it answers, one after the other; the last one again and again. */
    answers: [] as { status: number; body: unknown }[],
    url: (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Types a command, with credentials of this machine. */
    type: (words: string[], environment: Record<string, string> = {}) =>
      new Promise<{ code: number; out: string; errors: string }>((resolve) => {
        const env = {
          PATH: process.env['PATH'],
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'not-a-secret',
          ...environment,
        };
        execFile(process.execPath, [CLI, ...words], { env }, (error, out, errors) =>
          resolve({ code: Number(error?.code ?? 0), out, errors }),
        );
      }),
  };
  beforeEach(async () => {
    api.asked = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { method, url, headers } = request;
        api.asked.push({ method, url, headers, body });
        const answer = api.answers.length > 1 ? api.answers.shift() : api.answers[0];
        response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' });
        response.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return api;
}
