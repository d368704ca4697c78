import { describe, expect, it } from 'vitest';
import { SystemConfig, type SystemConfigInput } from '../../functions/shared/contract/config.ts';
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

  it('services of a named instance of SQL Server', () => {
    const names = ['MSSQL$CRM', 'SQLAgent$CRM', 'MSCRMAsyncService$maintenance'];

    expect(problemsOf({ services: names.map((name) => ({ name, server: 'app-1' })) })).toEqual([]);
  });

  it('sixty services of one tier on one server', () => {
    const services = Array.from({ length: 60 }, (_, index) => ({ name: `svc-${index}`, server: 'app-1' }));

    expect(problemsOf({ services })).toEqual([]);
  });

  it.each([
    'C:\\Program Files\\CRM\\maintenance.flag',
    'C:\\Program Files (x86)\\CRM\\off.flag',
    '/srv/.crm/flag',
  ])('the flag file %s', (path) => {
    expect(problemsOf(flag(path))).toEqual([]);
  });

  it.each(['/var/../etc/passwd', 'C:\\CRM\\..\\win.ini', "/tmp/a'b", 'flag'])(
    'but not the path %s',
    (path) => {
      expect(problemsOf(flag(path))).toEqual([expect.stringContaining('absolute path without ".."')]);
    },
  );
});
