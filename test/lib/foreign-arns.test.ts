import { describe, expect, it } from 'vitest';
import { validateSystems } from '../../lib/validate-systems.ts';
import { systems } from '../../systems.ts';
import { SHAPES } from '../shapes.ts';
import { resolvedStack } from '../support/iam/policies.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const FRANKFURT = { account: '123456789012', region: 'eu-central-1' };
const arn = (service: string, rest: string, where = 'eu-central-1', account = '123456789012'): string =>
  `arn:${where.startsWith('cn-') ? 'aws-cn' : 'aws'}:${service}:${where}:${account}:${rest}`;
const approval = (principal: string) => ({
  approvers: [{ address: 'head@example.com' }],
  principals: [principal],
});
const KEY = 'key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809';

const problemsOf = (changes: object): string[] => validateSystems([{ ...example, ...changes }]).problems;
const database = (changes: object): object => ({ database: { ...example.database, ...changes } });

describe('an ARN that is not of the stack’s place', () => {
  it.each<[string, object, string]>([
    [
      'a secret of another Region',
      database({ credentialsSecretArn: arn('secretsmanager', 'secret:crm', 'us-east-1') }),
      'systems[0].database.credentialsSecretArn: found the Region "us-east-1", expected "eu-central-1", as systems[0].environment says',
    ],
    [
      'a secret of another partition',
      database({ credentialsSecretArn: arn('secretsmanager', 'secret:crm', 'cn-north-1') }),
      'systems[0].database.credentialsSecretArn: found the partition "aws-cn", expected "aws", that of systems[0].environment.region "eu-central-1"',
    ],
    [
      'a secret of another account',
      database({ credentialsSecretArn: arn('secretsmanager', 'secret:crm', 'eu-central-1', '210987654321') }),
      'systems[0].database.credentialsSecretArn: found the account "210987654321", expected "123456789012", as systems[0].environment says',
    ],
    [
      'the secret’s key',
      database({ credentialsKeyArn: arn('kms', KEY, 'eu-west-1') }),
      'systems[0].database.credentialsKeyArn: found the Region "eu-west-1"',
    ],
    [
      'the database’s key',
      database({ kmsKeyArn: arn('kms', KEY, 'eu-west-1') }),
      'systems[0].database.kmsKeyArn: found the Region "eu-west-1"',
    ],
    [
      'a volume’s key',
      { files: { kmsKeyArns: [arn('kms', KEY), arn('kms', KEY, 'cn-north-1')] } },
      'systems[0].files.kmsKeyArns[1]: found the partition "aws-cn"',
    ],
    [
      'an approver’s role of another partition',
      { approval: approval('arn:aws-cn:iam::123456789012:role/Head') },
      'systems[0].approval.principals[0]: found the partition "aws-cn", expected "aws"',
    ],
    [
      'an approver’s role of another account',
      { approval: approval('arn:aws:iam::210987654321:role/Head') },
      'systems[0].approval.principals[0]: found the account "210987654321"',
    ],
  ])('is refused: %s', (_what, changes, problem) => {
    expect(problemsOf({ environment: FRANKFURT, ...changes }).join('\n')).toContain(problem);
  });

  it('is refused where no environment is given too: all must be of one place', () => {
    expect(problemsOf(database({ kmsKeyArn: arn('kms', KEY, 'us-east-1') }))).toEqual([
      'systems[0].database.kmsKeyArn: found the Region "us-east-1", expected "eu-central-1", as in systems[0].database.credentialsSecretArn',
    ]);
    expect(problemsOf({ approval: approval('arn:aws-cn:iam::123456789012:role/Head') })).toEqual([
      'systems[0].approval.principals[0]: found the partition "aws-cn", expected "aws", as in systems[0].database.credentialsSecretArn',
    ]);
  });

  it('is refused in a China Region, and everything of China is taken there', () => {
    const environment = { account: '123456789012', region: 'cn-north-1' };
    expect(problemsOf({ environment }).length).toBeGreaterThan(0);
    const china = database({
      credentialsSecretArn: arn('secretsmanager', 'secret:crm', 'cn-north-1'),
      kmsKeyArn: arn('kms', KEY, 'cn-north-1'),
    });
    expect(problemsOf({ environment, ...china }).filter((problem) => problem.includes('found the'))).toEqual(
      [],
    );
  });

  it('is compared with the others where nobody knows the partition of the Region', () => {
    const environment = { account: '123456789012', region: 'xx-new-1' };
    const own = database({
      credentialsSecretArn: arn('secretsmanager', 'secret:crm', 'xx-new-1'),
      kmsKeyArn: arn('kms', KEY, 'xx-new-1').replace('arn:aws:', 'arn:aws-cn:'),
    });
    expect(problemsOf({ environment, ...own })).toEqual([
      'systems[0].database.kmsKeyArn: found the partition "aws-cn", expected "aws", as in systems[0].database.credentialsSecretArn',
    ]);
  });

  it('is nothing that the example or a shape names', () => {
    expect(problemsOf({})).toEqual([]);
    for (const { name, system } of SHAPES)
      expect(
        validateSystems([system]).problems.filter((problem) => problem.includes('found the')),
        name,
      ).toEqual([]);
  });
});

describe.each(SHAPES)('$name', (shape) => {
  it('names nothing outside its partition, Region and account', () => {
    const { resources, account } = resolvedStack(shape);
    const arns =
      JSON.stringify(resources).match(/arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^"\\,\s]*/g) ?? [];
    expect(arns.length).toBeGreaterThan(100);
    const foreign = arns.filter((each) => {
      const [, partition, , region, owner] = each.split(':');
      return (
        partition !== account.partition ||
        !['', account.region].includes(region ?? '') ||
        !['', account.account].includes(owner ?? '')
      );
    });
    expect(foreign).toEqual([]);
    // Nothing was left out by the pattern, say, an ARN with a wildcard for its Region.
    expect(JSON.stringify(resources).match(/arn:(?![a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:)[^"\\]*/g)).toBe(
      null,
    );
  });
});
