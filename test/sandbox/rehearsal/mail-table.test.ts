import { expect, it } from 'vitest';
import type { SentMail } from '../../../sandbox/aws/services/ses.ts';
import { mailTable } from '../../../sandbox/rehearsal/mail-table.ts';

const mail = {
  at: '2026-11-27T17:30:05.123Z',
  to: ['all-sales@example.com'],
  subject: '<b>Sunrise CRM</b>',
  file: 'a b.eml',
} as SentMail;

it.each([
  ['en', 'Sent (Asia/Shanghai)'],
  ['zh-CN', '发送时间（Asia/Shanghai）'],
] as const)(
  'tells when a mail went out by day and by the system’s clock, in its language: %s',
  (language, head) => {
    const { markup: table } = mailTable([mail], { language, timeZone: 'Asia/Shanghai' });

    expect(table).toContain(`<th scope="col">${head}</th>`);
    expect(table).toContain('<th scope="row">2026-11-28 01:30:05</th>');
    expect(table).not.toMatch(/UTC|17:30|<th scope="col"><\/th>/);
    expect(table).toContain('&lt;b&gt;Sunrise CRM');
    expect(table).toContain('href="mail/a%20b.eml"');
  },
);
