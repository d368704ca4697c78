import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../../functions/contract/config.ts';
import { sesAddress, shownAddress } from '../../../functions/contract/mail-address.ts';
import { wildcardMatches } from '../../../sandbox/aws/iam/policy-conditions.ts';
import { systems } from '../../../systems.ts';
import { synthesiseSystem } from '../../support/synthesis.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

describe('mail addresses, as SES takes them', () => {
  it.each([
    ['ops@münchen.example', 'ops@xn--mnchen-3ya.example', 'ops@münchen.example'],
    ['ops@xn--e1afmkfd.xn--p1ai', 'ops@xn--e1afmkfd.xn--p1ai', 'ops@пример.рф'],
    ['kunde@例子.公司', 'kunde@xn--fsqu00a.xn--55qx5d', 'kunde@例子.公司'],
    ['kunde@例子。公司', 'kunde@xn--fsqu00a.xn--55qx5d', 'kunde@例子.公司'],
    ['r&d@example.com', 'r&d@example.com', 'r&d@example.com'],
    ['it/ops@example.com', 'it/ops@example.com', 'it/ops@example.com'],
    ["o'neill+crm#1@example.com", "o'neill+crm#1@example.com", "o'neill+crm#1@example.com"],
    [
      'a*b?c$d{e}~f`g|h^i=j!k%l_m-n.o@example.com',
      'a*b?c$d{e}~f`g|h^i=j!k%l_m-n.o@example.com',
      'a*b?c$d{e}~f`g|h^i=j!k%l_m-n.o@example.com',
    ],
    ['Ops@EXAMPLE.com', 'Ops@example.com', 'Ops@example.com'],
  ])('%s is sent to %s and shown as %s', async (written, sent, shownAs) => {
    expect(sesAddress(written)).toBe(sent);
    expect(sesAddress(sent)).toBe(sent);
    expect(shownAddress(sent)).toBe(shownAs);
    const mail = await new MailComposer({ to: { name: '', address: sent }, text: 'x' }).compile().build();
    const parsed = await simpleParser(mail);
    const [to] = [parsed.to].flat();
    expect(to?.value.map(({ address }) => sesAddress(address ?? ''))).toEqual([sent]);
    expect(mail.every((byte) => byte < 128)).toBe(true);
  });

  it.each([
    'ops',
    'ops@',
    '@example.com',
    'ops@localhost',
    'ops@1.2.3.4',
    'ops@[::1]',
    'ops@a..example.com',
    'ops@-a.example.com',
    'ops@ex_ample.com',
    'ops@example.com.',
    'ops@example.com/x',
    'ops@example.com:25',
    '用户@example.com',
    '.ops@example.com',
    'o..ps@example.com',
    '"o ps"@example.com',
    'Ops <ops@example.com>',
    ' ops@example.com',
    'ops@example.com\n',
    'ops@example.com,b@example.com',
    'a,b@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('%j is refused', (written) => {
    expect(sesAddress(written)).toBeUndefined();
    const parsed = SystemConfig.safeParse({ ...example, notices: { ...example.notices, from: written } });
    expect(parsed.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['notices.from', expect.stringContaining('such as "ops@example.com"')],
    ]);
  });

  it('every address of a system is kept in the form of SES, and is valid as it is kept', () => {
    const address = 'r&d@münchen.example';
    const parsed = SystemConfig.parse({
      ...example,
      notices: { ...example.notices, from: address, users: [{ address }], operators: [{ address }] },
      approval: { approvers: [{ address }], principals: ['arn:aws:iam::123456789012:role/A'] },
    });
    const { notices, approval } = parsed;
    const kept = [
      notices.from,
      ...[...notices.users, ...notices.operators, ...(approval?.approvers ?? [])].map((each) => each.address),
    ];

    expect(new Set(kept)).toEqual(new Set(['r&d@xn--mnchen-3ya.example']));
    expect(SystemConfig.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  it('wildcards of a sender’s name stand for themselves in the policy', () => {
    const from = 'a*b?$c@münchen.example';
    const { template } = synthesiseSystem({ notices: { ...example.notices, from } });
    const text = JSON.stringify(template);
    const identity = `identity/a\${*}b\${?}\${$}c@xn--mnchen-3ya.example`;

    expect(text).toContain(identity);
    const arn = `x:${identity}`;
    expect(wildcardMatches(arn, 'x:identity/a*b?$c@xn--mnchen-3ya.example')).toBe(true);
    expect(wildcardMatches(arn, 'x:identity/aXb?$c@xn--mnchen-3ya.example')).toBe(false);
    expect(wildcardMatches('x:identity/a*', 'x:identity/a\nb')).toBe(true);
  });
});
