import { describe, expect, it } from 'vitest';
import { everythingIn, Grants } from '../../../engines/mysql/grants.ts';

const grants = (...statements: string[]): Grants => new Grants("'u'@'%'", statements);

describe('grants as the server prints them', () => {
  it.each<[string, string[], string, string | undefined, boolean]>([
    ['one on the server', ['GRANT SELECT, PROCESS ON *.* TO `u`@`%`'], 'PROCESS', undefined, true],
    ['one on the server, for a database', ['GRANT SELECT ON *.* TO `u`@`%`'], 'SELECT', 'crm', true],
    ['one on the database', ['GRANT SELECT, SHOW VIEW ON `crm`.* TO `u`@`%`'], 'SHOW VIEW', 'crm', true],
    ['one on another database', ['GRANT SELECT ON `hr`.* TO `u`@`%`'], 'SELECT', 'crm', false],
    ['one on the database, for the server', ['GRANT PROCESS ON `crm`.* TO `u`'], 'PROCESS', undefined, false],
    ['all of them', ['GRANT ALL PRIVILEGES ON `crm`.* TO `u`@`%` WITH GRANT OPTION'], 'EVENT', 'crm', true],
    ['one on a table only', ['GRANT SELECT ON `crm`.`account` TO `u`@`%`'], 'SELECT', 'crm', false],
    ['a pattern of names', ['GRANT SELECT ON `crm%`.* TO `u`@`%`'], 'SELECT', 'crm_2026', true],
    ['an underscore as pattern', ['GRANT SELECT ON `c_m`.* TO `u`@`%`'], 'SELECT', 'crm', true],
    ['an underscore as itself', ['GRANT SELECT ON `c\\_m`.* TO `u`@`%`'], 'SELECT', 'crm', false],
    ['a name with a full stop', ['GRANT SELECT ON `a.b`.* TO `u`@`%`'], 'SELECT', 'axb', false],
    ['a name with a backtick', ['GRANT SELECT ON `客``户`.* TO `u`@`%`'], 'SELECT', '客`户', true],
    [
      'a global one taken back for the database',
      ['GRANT SELECT ON *.* TO `u`@`%`', 'REVOKE SELECT ON `crm`.* FROM `u`@`%`'],
      'SELECT',
      'crm',
      false,
    ],
    [
      'some columns beside another privilege',
      ['GRANT SELECT (`id`, `name`), SHOW VIEW ON `crm`.* TO `u`@`%`'],
      'SELECT',
      'crm',
      false,
    ],
    ['a role', ['GRANT `reader`@`%` TO `u`@`%`'], 'SELECT', 'crm', false],
    ['a routine', ['GRANT EXECUTE ON PROCEDURE `crm`.`p` TO `u`@`%`'], 'EXECUTE', 'crm', false],
    ['nothing', ['GRANT USAGE ON *.* TO `u`@`%`'], 'SELECT', 'crm', false],
  ])('%s', (_what, statements, privilege, database, expected) => {
    expect(grants(...statements).has(privilege, database)).toBe(expected);
  });

  it('tells which tables may be read', () => {
    const some = grants(
      'GRANT SELECT ON `crm`.`account` TO `u`@`%`',
      'GRANT SELECT (`id`) ON `crm`.`deal` TO `u`@`%`',
      'GRANT INSERT ON `crm`.`note` TO `u`@`%`',
    );

    expect(['account', 'deal', 'note'].filter((table) => some.mayRead('crm', table))).toEqual(['account']);
  });

  it('names a database literally', () => {
    expect(everythingIn('a_b%`c')).toBe('`a\\_b\\%``c`.*');
  });
});
