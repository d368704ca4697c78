import { describe, expect, it } from 'vitest';
import { unknownVersion } from '../../../../functions/steps/plan/versions.ts';

describe('the version of the engine', () => {
  it.each([
    ['postgres', '16.4'],
    ['postgres', '18.1'],
    ['mysql', '8.0.39'],
    ['mysql', '8.0.mysql_aurora.3.08.0'],
    ['mariadb', '10.11.10'],
    ['sqlserver', '15.00.4430.1.v1'],
  ] as const)('%s %s is one that the comparison was written for', (engine, version) => {
    expect(unknownVersion(engine, version)).toBeUndefined();
  });

  it.each([
    // Has no MD5().
    ['mysql', '9.6.0'],
    ['mysql', '5.7.44'],
    ['postgres', '19.0'],
    ['postgres', '1.8'],
    ['mariadb', '10.1.2'],
    ['sqlserver', '17.00.1000.7.v1'],
  ] as const)('%s %s is not, and the plan says so', (engine, version) => {
    expect(unknownVersion(engine, version)).toMatch(
      new RegExp(`^its version ${version} is none .*one row of each table`),
    );
  });
});
