import { describe, expect, it } from 'vitest';
import { validateSystems } from '../../lib/validate-systems.ts';
import { systems } from '../../systems.ts';

/** A system as JSON, for changes that the types would refuse. */
type Loose = Record<string, never> & {
  services: Record<string, string>[];
  database: Record<string, string>;
  maintenance: Record<string, string>;
  notices: Record<string, unknown>;
  timeZone: string;
  databse?: object;
};

describe('systems.ts', () => {
  const [example] = systems;
  const changed = (change: (system: Loose) => void): unknown[] => {
    const copy = structuredClone(example) as unknown as Loose;
    change(copy);
    return [copy];
  };

  it('synthesises as it is', () => {
    expect(validateSystems(systems).problems).toEqual([]);
  });

  it.each<[string, (system: Loose) => void, RegExp]>([
    [
      'a service name with shell characters',
      (system) => Object.assign(system.services[1] ?? {}, { name: 'crm; rm -rf /' }),
      /^systems\[0\]\.services\[1\]\.name: found "crm; rm -rf \/", expected the name of a systemd unit/,
    ],
    [
      'a server that is not there',
      (system) => Object.assign(system.services[0] ?? {}, { server: 'web-9' }),
      /^systems\[0\]\.services\[0\]\.server: no server is called "web-9"; expected one of: web-1, app-1, worker-1/,
    ],
    [
      'an unknown key',
      (system) => Object.assign(system, { databse: {} }),
      /^systems\[0\]\.databse: unknown key/,
    ],
    [
      'a time zone that is none',
      (system) => Object.assign(system, { timeZone: 'Asia/Peking' }),
      /^systems\[0\]\.timeZone: found "Asia\/Peking", expected the name of an IANA time zone, e\.g\. "Asia\/Shanghai"/,
    ],
    [
      'an engine that cannot be verified',
      (system) => Object.assign(system.database, { engine: 'oracle-ee' }),
      /^systems\[0\]\.database\.engine: expected "postgres"/,
    ],
    [
      'no way to sign in to the database',
      (system) => Object.assign(system.database, { credentialsSecretArn: undefined }),
      /^systems\[0\]\.database: expected exactly one of credentialsSecretArn .+ and iamUser .+, found neither/,
    ],
    [
      'two ways to sign in to the database',
      (system) => Object.assign(system.database, { iamUser: 'lights_out' }),
      /^systems\[0\]\.database: expected exactly one of credentialsSecretArn .+ and iamUser .+, found both/,
    ],
    [
      'a key of a secret that there is not',
      (system) =>
        Object.assign(system.database, {
          credentialsSecretArn: undefined,
          iamUser: 'lights_out',
          credentialsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/0a1b',
        }),
      /^systems\[0\]\.database\.credentialsKeyArn: with iamUser there is no secret/,
    ],
    [
      'a way to sign in that SQL Server does not have',
      (system) =>
        Object.assign(system.database, {
          engine: 'sqlserver',
          credentialsSecretArn: undefined,
          iamUser: 'lights_out',
        }),
      /^systems\[0\]\.database\.iamUser: RDS for SQL Server has no IAM database authentication/,
    ],
    [
      'a user that would match others in a policy',
      (system) => Object.assign(system.database, { credentialsSecretArn: undefined, iamUser: 'lights_*' }),
      /^systems\[0\]\.database\.iamUser: expected the name of a database user/,
    ],
    [
      'a path that climbs',
      (system) => Object.assign(system.maintenance, { flagFile: '/var/../etc/passwd' }),
      /^systems\[0\]\.maintenance\.flagFile: found "\/var\/\.\.\/etc\/passwd", expected an absolute path/,
    ],
    [
      'a server for the check that is not there',
      (system) => Object.assign(system, { files: { backup: 'verify', checkServer: 'web-9' } }),
      /^systems\[0\]\.files\.checkServer: no server is called "web-9"; expected one of: web-1/,
    ],
    [
      'a volume id that is none',
      (system) => Object.assign(system, { files: { excludeVolumes: ['/dev/sdf'] } }),
      /^systems\[0\]\.files\.excludeVolumes\[0\]: expected an EBS volume id/,
    ],
    [
      'a way to back files up that is none',
      (system) => Object.assign(system, { files: { backup: 'full' } }),
      /^systems\[0\]\.files\.backup: expected "none", "snapshot" or "verify"/,
    ],
    [
      'an alias of a key',
      (system) =>
        Object.assign(system.database, { kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:alias/crm' }),
      /^systems\[0\]\.database\.kmsKeyArn: found "arn:.*alias\/crm", expected the ARN of a KMS key, e\.g\. .* it is an alias: "aws kms describe-key --key-id arn:/,
    ],
    [
      'a tag of AWS’s own',
      (system) => Object.assign(system, { tags: { 'aws:cost': '1' } }),
      /^systems\[0\]\.tags\.aws:cost: tags that begin with "aws:" are AWS’s own/,
    ],
    [
      'a tag of Lights Out’s own',
      (system) => Object.assign(system, { tags: { 'lights-out:verified': 'yes' } }),
      /^systems\[0\]\.tags\.lights-out:verified: tags that begin with "lights-out:"/,
    ],
    [
      'a tag with a character that AWS does not take',
      (system) => Object.assign(system, { tags: { 'cost*center': '4711' } }),
      /^systems\[0\]\.tags\.cost\*center: expected a tag key of 1 to 128 letters/,
    ],
    [
      'tags that differ only in case',
      (system) => Object.assign(system, { tags: { Owner: 'a', owner: 'b' } }),
      /^systems\[0\]\.tags\.owner: it differs from "Owner" only in case/,
    ],
    [
      'more tags than fit',
      (system) =>
        Object.assign(system, {
          tags: Object.fromEntries(Array.from({ length: 41 }, (_each, index) => [`k${index}`, ''])),
        }),
      /^systems\[0\]\.tags: found 41 tags, expected at most 40/,
    ],
    [
      'nobody to tell',
      (system) => Object.assign(system.notices, { users: [] }),
      /^systems\[0\]\.notices\.users: expected at least one person/,
    ],
    [
      'a mail address that is none',
      (system) => Object.assign(system.notices, { from: 'operations' }),
      /^systems\[0\]\.notices\.from: expected a mail address/,
    ],
  ])('refuses %s with its path', (_name, change, problem) => {
    const { problems, valid } = validateSystems(changed(change));
    expect(problems.join('\n')).toMatch(problem);
    expect(valid).toEqual([]);
  });

  it.each([
    ['postgres', 5432],
    ['mysql', 3306],
    ['mariadb', 3306],
    ['sqlserver', 1433],
  ])('gives %s its own port unless told another', (engine, port) => {
    const of = (changes: object) =>
      validateSystems(changed((system) => Object.assign(system.database, { engine, ...changes }))).valid[0]
        ?.database.port;

    expect([of({}), of({ port: 6033 })]).toEqual([port, 6033]);
  });

  it('refuses two systems of one name', () => {
    expect(validateSystems([example, example]).problems).toEqual([
      expect.stringMatching(/^systems\[1\]\.name: "crm" is the name of systems\[0\] too/),
    ]);
  });
});
