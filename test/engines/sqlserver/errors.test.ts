import { describe, expect, it } from 'vitest';
import {
  causeOf,
  describeSqlServerError,
  isSqlServerConnectionProblem,
  SqlServerError,
  sqlServerRemedy,
} from '../../../engines/sqlserver/errors.ts';
import { LightsOutError } from '../../../functions/contract/errors.ts';

const error = (code: string, severity = 16): SqlServerError =>
  new SqlServerError(code, `words of ${code} about Mrs Smith`, { severity, state: 2 });

/** Numbers whose message holds a row's value, or what somebody else's code says. */
const QUOTING = [
  '245',
  '547',
  '2601',
  '2627',
  '2628',
  '3621',
  '8114',
  '8115',
  '8152',
  '9420',
  '13609',
  '6522',
  '50000',
  '51000',
  '99999',
];

describe('words about an error', () => {
  it.each(QUOTING)('leave the message of %s out', (code) => {
    expect(describeSqlServerError(error(code))).toBe(
      `error ${code}, severity 16, state 2; its message is left out, since it may quote a row`,
    );
    expect(causeOf(error(code))).toEqual({});
  });

  it.each(['208', '229', '1222', '4060', '18456', '824'])('keep the message of %s', (code) => {
    expect(describeSqlServerError(error(code))).toBe(`error ${code}: words of ${code} about Mrs Smith`);
    expect(causeOf(error(code))).toHaveProperty('cause');
  });

  it('keep the network’s own, and those of an error of ours', () => {
    expect(describeSqlServerError(error('ECONNREFUSED'))).toContain('ECONNREFUSED: words');
    expect(describeSqlServerError(new Error('no result for [dbo].[t]'))).toBe('no result for [dbo].[t]');
  });
});

describe('a connection problem', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNCLOSED', '596', '6005', '18401'])(
    'is %s',
    (code) => {
      expect(isSqlServerConnectionProblem(error(code))).toBe(true);
    },
  );

  it.each(['18456', '4060', '2627', '1205', 'ETIMEOUT', 'ENOTLS', 'SELF_SIGNED_CERT_IN_CHAIN'])(
    'is not %s',
    (code) => {
      expect(isSqlServerConnectionProblem(error(code))).toBe(false);
    },
  );

  it('is any error that ends the connection, but for a damaged page, which would be damaged again', () => {
    expect(isSqlServerConnectionProblem(error('21', 20))).toBe(true);
    expect(isSqlServerConnectionProblem(error('824', 24))).toBe(false);
    expect(isSqlServerConnectionProblem(new Error('other'))).toBe(false);
  });
});

describe('a remedy', () => {
  it.each([
    ['229', 'ALTER ROLE db_datareader ADD MEMBER'],
    ['300', 'GRANT VIEW SERVER STATE'],
    ['1222', 'lock'],
    ['ETIMEOUT', 'instanceClass'],
    ['824', 'DBCC CHECKDB'],
    ['99999', 'see the message'],
  ])('for %s says %s', (code, words) => {
    expect(sqlServerRemedy(error(code))).toContain(words);
  });

  it.each([
    ['18456', 'right password'],
    ['4060', 'database.databases'],
    ['ENOTLS', 'TLS'],
    ['ECONNREFUSED', 'security group'],
    ['CERT_HAS_EXPIRED', 'rotate'],
    ['99999', 'mend it'],
  ])('for a connection refused with %s says %s', (code, words) => {
    const refused = new LightsOutError('DatabaseUnreachable', 'refused', { cause: error(code) });

    expect(sqlServerRemedy(refused)).toContain(words);
  });
});
