import { describe, expect, it } from 'vitest';
import { SystemConfig, type SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const { database, maintenance } = example;
const problemsOf = (changes: Partial<SystemConfigInput>): string[] =>
  SystemConfig.safeParse({ ...example, ...changes }).error?.issues.map(({ message }) => message) ?? [];
const flag = (flagFile: string): Partial<SystemConfigInput> => ({
  maintenance: { servers: maintenance?.servers ?? [], flagFile },
});

describe('configurations that were refused, though AWS and the platforms know them', () => {
  it.each([
    'rds!db-00000000-1111-2222-3333-444444444444-AbCdEf',
    'rds!cluster-00000000-1111-2222-3333-444444444444-AbCdEf',
  ])('the secret that RDS itself makes: %s', (name) => {
    const credentialsSecretArn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;

    expect(problemsOf({ database: { ...database, credentialsSecretArn } })).toEqual([]);
  });

  const SERVICES = {
    windows: [
      'MSSQL$CRM',
      'SQLAgent$CRM',
      'MSCRMAsyncService$maintenance',
      'Contoso Mail Gateway',
      '客户管理',
      'a"b',
    ],
    linux: [
      'srv-data\\x2d1.mount',
      '_imaging',
      'crm@blue',
      'crm@green.service',
      'app:1',
      '-odd',
      'crm.socket',
      'a b',
    ],
  } as const;

  it.each(Object.entries(SERVICES))('services as %s calls them', (platform, names) => {
    const servers = (example.servers ?? []).map((server) => ({ ...server, platform: platform as 'linux' }));

    expect(problemsOf({ servers, services: names.map((name) => ({ name, server: 'app-1' })) })).toEqual([]);
  });

  it('sixty services of one tier on one server', () => {
    const services = Array.from({ length: 60 }, (_, index) => ({ name: `svc-${index}`, server: 'app-1' }));

    expect(problemsOf({ services })).toEqual([]);
  });

  it.each([
    'C:\\Program Files\\CRM\\maintenance.flag',
    'C:\\Program Files (x86)\\CRM\\off.flag',
    '/srv/.crm/flag',
    "/tmp/a'b",
    '/srv/客户/维护.flag',
    'D:\\客户 管理\\维护.flag',
  ])('the flag file %s', (path) => {
    expect(problemsOf(flag(path))).toEqual([]);
  });

  it.each([
    '/var/../etc/passwd',
    'C:\\CRM\\..\\win.ini',
    '/tmp/a\nb',
    'flag',
    '//etc/a',
    '/etc/',
    'C:\\CRM\\con',
    'C:\\CRM\\a.',
  ])('but not the path %s', (path) => {
    expect(problemsOf(flag(path))).toEqual([expect.stringContaining('absolute path without ".."')]);
  });
});

describe('what is there once', () => {
  const [web, ...others] = example.servers;
  const two = (changes: object) => [web, ...others, { ...web, ...changes }] as SystemConfigInput['servers'];
  const pathsOf = (changes: Partial<SystemConfigInput>): string[] =>
    SystemConfig.safeParse({ ...example, ...changes }).error?.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    ) ?? [];
  const on = (platform: 'linux' | 'windows', ...names: string[]): Partial<SystemConfigInput> => ({
    servers: example.servers.map((server) => ({ ...server, platform })),
    services: names.map((name) => ({ name, server: 'app-1' })),
  });

  it.each<[string, Partial<SystemConfigInput>, RegExp]>([
    [
      'a server’s name',
      { servers: two({ instanceId: 'i-0fffffffffffffff0' }) },
      /^servers\.\d\.name: "web-1" is what servers\[0\]\.name says too/,
    ],
    [
      'an instance',
      { servers: two({ name: 'web-9' }) },
      /^servers\.\d\.instanceId: "i-[0-9a-f]+" is what servers\[0\]\.instanceId says too/,
    ],
    [
      'a service of Windows, in any case',
      on('windows', 'W3SVC', 'w3svc'),
      /^services\.1\.name: "w3svc" on "app-1" is the same service as services\[0\] \("W3SVC"\)/,
    ],
    [
      'a unit of systemd, with its suffix',
      on('linux', 'crm', 'crm.service'),
      /^services\.1\.name: .*same service as services\[0\]/,
    ],
    [
      'a unit of systemd, escaped',
      on('linux', 'a b', 'a\\x20b'),
      /^services\.1\.name: .*same service as services\[0\]/,
    ],
    [
      'a person',
      {
        notices: { ...example.notices, users: [{ address: 'A@example.com' }, { address: 'a@example.com' }] },
      },
      /^notices\.users\.1\.address: "a@example\.com"/,
    ],
    [
      'a notice',
      { notices: { ...example.notices, leadMinutes: [30, 30] } },
      /^notices\.leadMinutes\.1: "30"/,
    ],
    [
      'a server with the flag',
      { maintenance: { servers: ['web-1', 'web-1'], flagFile: '/srv/flag' } },
      /^maintenance\.servers\.1: "web-1"/,
    ],
  ])('%s', (_what, changes, problem) => {
    expect(pathsOf(changes)).toEqual([expect.stringMatching(problem)]);
  });

  it('but W3SVC and w3svc are two units of systemd', () => {
    expect(pathsOf(on('linux', 'W3SVC', 'w3svc'))).toEqual([]);
  });

  it.each<[string, Partial<SystemConfigInput>]>([
    ['a slash', on('windows', 'a/b')],
    ['a backslash', on('windows', 'a\\b')],
    ['257 characters', on('windows', 'a'.repeat(257))],
    ['a pattern', on('linux', 'crm*')],
    ['a template', on('linux', 'crm@.service')],
    ['a blank at its end', on('linux', 'crm ')],
    ['a line break', on('windows', 'a\nb')],
  ])('no service has a name with %s', (_what, changes) => {
    expect(pathsOf(changes)).toEqual([expect.stringMatching(/^services\.0\.name: found ".*e\.g\. "/s)]);
  });

  it.each(['+08:00', 'asia/shanghai', 'CST+8', ''])('the time zone %j is none', (timeZone) => {
    expect(pathsOf({ timeZone })).toEqual([
      expect.stringMatching(/^timeZone: .*expected .*"Asia\/Shanghai"/),
    ]);
  });
});
