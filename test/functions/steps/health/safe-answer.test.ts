import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorWords, safeAnswer } from '../../../../functions/steps/health/safe-answer.ts';

describe('what a server answered, safe to show', () => {
  it.each([
    ['Authorization: Bearer abc.def-123', 'abc.def'],
    ['{"access_token":"s3cr3t-value"}', 's3cr3t'],
    ['user=crm&password=hunter2&x=1', 'hunter2'],
    ["password = 'hunter 2'", 'hunter'],
    ['pwd: hunter2', 'hunter2'],
    ['密码：hunter2', 'hunter2'],
    ['Set-Cookie: sid=abcdef; Path=/', 'abcdef'],
    ['JSESSIONID=abc123', 'abc123'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJ'],
    ['postgres://crm:hunter2@db/crm', 'hunter2'],
    ['AKIAIOSFODNN7EXAMPLE', 'IOSFODNN'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END', 'MIIE'],
    ['api_key=k1 client-secret: k2', 'k1'],
    ['api_key=k1 client-secret: k2', 'k2'],
  ])('masks the secret in %j', (text, secret) => {
    expect(safeAnswer(text)).not.toContain(secret);
    expect(safeAnswer(text)).toContain('***');
  });

  it('leaves a plain answer as it is', () => {
    expect(safeAnswer('{"status":"UP","build":"2026.11"}')).toBe('{"status":"UP","build":"2026.11"}');
  });

  it('hides a configured value before it cuts, the longer one first', () => {
    expect(safeAnswer(`${'x'.repeat(195)}past-the-page`, ['past-the-page'])).toBe(`${'x'.repeat(195)}***`);
    expect(safeAnswer('abcdef', ['abc', 'abcdef'])).toBe('***');
  });

  it('shows 200 characters, none of them cut in two or a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const shown = safeAnswer(text);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}]/u);
        // Each control character takes six.
        expect(shown.length).toBeLessThanOrEqual(200 * 6 + 1);
      }),
    );
    expect(safeAnswer('😀'.repeat(300))).toBe(`${'😀'.repeat(200)}…`);
    expect(safeAnswer('a\n\u001b[2K')).toBe('a\\n\\u001b[2K');
  });

  it('is quick for a body that is made to be slow', () => {
    const limit = 64 * 1024;
    for (const unit of ['a-', 'token', 'password', '://', 'eyJ', 'cookie:', '"', 'bearer ', '-----BEGIN '])
      expect(safeAnswer(unit.repeat(limit / unit.length)).length).toBeLessThan(1300);
  });
});

describe('the words of an error', () => {
  it('name each address of a host once', () => {
    const refused = new Error('connect ECONNREFUSED ::1:80');
    const again = new Error('connect ECONNREFUSED 127.0.0.1:80');

    expect(errorWords(new AggregateError([refused, again, again]))).toBe(
      'connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80',
    );
  });
});
