import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../../functions/contract/config.ts';
import { describeIssues } from '../../../functions/contract/wording.ts';
import { system, systemInput } from '../fixtures.ts';

const HTTP = { url: 'https://web-1.crm.internal:8443/health' };

/** What is wrong with these checks. */
function problemsOf(...health: object[]): string[] {
  const input = { ...systemInput(), startup: { health } };
  const { error } = SystemConfig.safeParse(input);
  return error === undefined ? [] : describeIssues(error, 'system', input);
}

const problemOf = (check: object): string =>
  problemsOf({ name: 'sign-in page', ...check })
    .join('\n')
    .replace('system.startup.health[0]', 'check');

describe('health checks in the configuration', () => {
  it('are none unless the system names some', () => {
    expect(system().startup.health).toEqual([]);
  });

  it('have defaults', () => {
    const { startup } = system({ startup: { health: [{ name: 'sign-in page', http: HTTP }] } });

    expect(startup.health).toEqual([
      {
        name: 'sign-in page',
        http: { ...HTTP, status: 200, headers: {} },
        intervalSeconds: 10,
        inARow: 2,
        deadlineMinutes: 15,
      },
    ]);
  });

  it('may be of each kind', () => {
    expect(
      problemsOf(
        { name: '登录页', http: { ...HTTP, headers: { 'x-lights-out': 'health' }, ca: rootCertificates[0] } },
        { name: 'queue', tcp: { host: '10.0.1.20', port: 6379 } },
        { name: 'data', sql: { database: 'crm', statement: 'WITH a AS (SELECT 1) SELECT * FROM a' } },
        { name: 'files', script: { server: 'app-1', path: '/opt/crm/bin/healthy' } },
      ),
    ).toEqual([]);
  });

  it.each([
    [{}, 'check: expected exactly one of http, tcp, sql, script, found none'],
    [
      { http: HTTP, tcp: { host: 'a', port: 1 } },
      'check: expected exactly one of http, tcp, sql, script, found http and tcp',
    ],
    [
      { http: { url: 'web-1/health' } },
      /^check\.http\.url: expected an http or https address, e\.g\. .*; found "web-1\/health"$/,
    ],
    [{ http: { url: 'ftp://web-1/' } }, /expected an http or https address/],
    [{ http: { url: 'http:web-1' } }, /expected an http or https address/],
    [{ http: { url: 'https://crm:hunter2@web-1/' } }, /without user and password/],
    [{ http: { url: 'https://web-1/#top' } }, /without "#"/],
    [{ http: { ...HTTP, status: 100 } }, /^check\.http\.status: expected a number of at least 200/],
    [
      { http: { ...HTTP, headers: { Authorization: 'Bearer x' } } },
      /^check\.http\.headers\.Authorization: carries a secret/,
    ],
    [{ http: { ...HTTP, headers: { cookie: 'a=b' } } }, /carries a secret/],
    [{ http: { ...HTTP, headers: { Connection: 'x' } } }, /of the connection itself/],
    [{ http: { ...HTTP, headers: { 'x way': 'x' } } }, /no name of a header/],
    [{ http: { ...HTTP, headers: { 'x-way': 'a\r\nb: c' } } }, /visible ASCII/],
    [{ http: { ...HTTP, headers: { 'x-way': '' } } }, /visible ASCII/],
    [{ http: { ...HTTP, headers: { 'x-way': 'a', 'X-Way': 'b' } } }, /X-Way: stands there twice/],
    [
      {
        http: { ...HTTP, headers: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`x-${n}`, 'a'])) },
      },
      /at most 10 headers/,
    ],
    [{ http: { ...HTTP, ca: 'company' } }, /^check\.http\.ca: expected certificates in PEM/],
    [
      { http: { ...HTTP, ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' } },
      /number 1 cannot be read/,
    ],
    [{ http: { url: 'http://web-1/', ca: rootCertificates[0] } }, /is of https/],
    [{ tcp: { host: 'app 1', port: 1 } }, /^check\.tcp\.host: expected a host name/],
    [{ tcp: { host: 'app-1', port: 0 } }, /^check\.tcp\.port/],
    [{ sql: { database: 'crm', statement: 'DELETE FROM a' } }, /^check\.sql\.statement: expected a SELECT/],
    [
      { script: { server: 'web-9', path: '/a' } },
      /^check\.script\.server: no server is called "web-9"; expected one of: web-1, app-1$/,
    ],
    [
      { script: { server: 'app-1', path: 'healthy' } },
      /^check\.script\.path: found "healthy", expected an absolute path/,
    ],
    [
      { script: { server: 'app-1', path: 'C:\\crm\\healthy.exe' } },
      /expected a path of Linux, which app-1 runs/,
    ],
    [{ http: HTTP, name: 'a\nb' }, /^check\.name: expected 1 to 60 characters in one line/],
    [{ http: HTTP, intervalSeconds: 1 }, /^check\.intervalSeconds: expected a number of at least 5/],
    [
      { http: HTTP, inARow: 20, intervalSeconds: 60 },
      /^check\.deadlineMinutes: 20 looks in a row take 1140 s/,
    ],
    [{ http: HTTP, deadlineMinutes: 121 }, /^check\.deadlineMinutes: expected a number of at most 120/],
  ])('are refused as %j', (check, words) => {
    const problem = problemOf(check);

    expect(problem).toMatch(words);
    expect(problem).not.toContain('hunter2');
  });

  it('have names of their own, and are at most 20', () => {
    const page = { name: 'sign-in page', http: HTTP };

    expect(problemsOf(page, page)).toEqual([
      'system.startup.health[1].name: "sign-in page" is what startup.health[0].name says too; expected another',
    ]);
    expect(problemsOf(...Array.from({ length: 21 }, (_, n) => ({ ...page, name: `${n}` })))).toEqual([
      expect.stringMatching(/^system\.startup\.health: expected at most 20 checks, /),
    ]);
  });
});
