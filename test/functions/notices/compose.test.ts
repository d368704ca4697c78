import { describe, expect, it } from 'vitest';
import type { Language } from '../../../functions/contract/config.ts';
import { principalOf } from '../../../functions/guard/principals.ts';
import { composeNotice } from '../../../functions/notices/compose.ts';
import { duration, localTime, type NoticeFacts, type NoticeKind } from '../../../functions/notices/notice.ts';
import { FACTS } from './facts.ts';

/** All that any notice may tell. */
const EVERYTHING: NoticeFacts = {
  ...FACTS,
  actualSeconds: 2400,
  reason: 'Weekend shutdown',
  requester: principalOf('arn:aws:iam::123456789012:user/li'),
  error: 'SnapshotFailed',
  cause: 'snapshot x ended as "failed"',
  resources: [{ name: 'database crm-db', state: 'available' }],
  snapshot: 'lights-out-crm-20261127-1330-c02f2ce2',
  tables: 12,
  rows: 104523,
  report: 'runs/crm/x/report.html',
  expiresAt: '2026-11-27T13:55:00.000Z',
  warnings: ['verification is "none"'],
  execution: 'night-1',
  byHand: ['aws rds stop-db-instance --db-instance-identifier crm-db'],
  started: ['database crm-db'],
  problems: ['Roll back: services: app-1 did not answer'],
};

const KINDS: NoticeKind[] = [
  'announcement',
  'reminder',
  'approval-request',
  'shut-down',
  'already-off',
  'rolled-back',
  'called-off',
  'not-begun',
  'partly-off',
  'proved',
  'not-proved',
  'kept-stopped',
  'started-by-hand',
  'swept',
  'retained',
];
const LANGUAGES: Language[] = ['zh-CN', 'en'];

describe.each(KINDS)('the notice "%s"', (kind) => {
  it.each(LANGUAGES)('names the system and the run in %s, in text and in HTML alike', (language) => {
    const { subject, text, html } = composeNotice(kind, EVERYTHING, [language]);

    expect(subject).toContain('Sunrise CRM');
    expect(subject).not.toMatch(/[\r\n]/);
    for (const body of [text, html]) {
      expect(body).toContain('Sunrise CRM');
      expect(body).toContain('20261127-1330-c02f2ce2');
      expect(body).not.toMatch(/undefined|NaN|\[object/);
    }
    expect(html).toContain(`<html lang="${language}">`);
    expect(/[\u4e00-\u9fff]/.test(text)).toBe(language === 'zh-CN');
  });

  it('holds both languages, the main one first and in the subject', () => {
    const both = composeNotice(kind, EVERYTHING, ['zh-CN', 'en']);
    const chinese = composeNotice(kind, EVERYTHING, ['zh-CN']);
    const english = composeNotice(kind, EVERYTHING, ['en']);

    expect(both.subject).toBe(chinese.subject);
    expect(both.text.startsWith(chinese.text.trimEnd())).toBe(true);
    expect(both.text.endsWith(english.text)).toBe(true);
    expect(both.html.indexOf('lang="zh-CN"')).toBeLessThan(both.html.indexOf('<div lang="en"'));
  });

  it('escapes what people wrote', () => {
    const { html } = composeNotice(kind, { ...EVERYTHING, reason: '<script>"x"&', displayName: 'A<b>&' }, [
      'en',
      'zh-CN',
    ]);

    expect(html).not.toContain('<script>');
    expect(html).not.toContain('A<b>');
    expect(html).toContain('A&lt;b&gt;&amp;');
  });
});

describe('what users are told', () => {
  it.each(['announcement', 'reminder'] as const)(
    '%s: when, in whose time, how long, and what to do',
    (kind) => {
      const english = composeNotice(kind, EVERYTHING, ['en']).text;
      expect(english).toContain('Friday, 2026-11-27 22:00 (Asia/Shanghai, GMT+8)');
      expect(english).toContain('about 45 min');
      expect(english).toContain('save your work and sign out');

      const chinese = composeNotice(kind, EVERYTHING, ['zh-CN']).text;
      expect(chinese).toContain('2026-11-27（周五）22:00（Asia/Shanghai，GMT+8）');
      expect(chinese).toContain('约 45 分钟');
      expect(chinese).toContain('保存您的工作并退出登录');
    },
  );

  it.each(['announcement', 'reminder', 'called-off'] as const)('%s does not say who asked', (kind) => {
    const { requester: _requester, ...anonymous } = EVERYTHING;
    const given = kind === 'called-off' ? EVERYTHING : anonymous;

    expect(composeNotice(kind, given, LANGUAGES).text).not.toContain('user/li');
  });

  it.each([
    [
      'en',
      'unknown (started in the console or by its API); the input says "the chairman", which is not proved',
    ],
    ['zh-CN', '未知（在控制台或通过其 API 启动）；输入中写的是“the chairman”，未经证实'],
  ] as const)('says in %s that nobody has proved who asked, and what the input says', (language, words) => {
    const facts: NoticeFacts = { ...EVERYTHING, requester: 'unknown', requestedBy: 'the chairman' };

    for (const kind of ['approval-request', 'shut-down', 'not-begun'] as const)
      expect(composeNotice(kind, facts, [language]).text).toContain(words);
  });

  it.each([
    ['en', 'the schedule cron(0 22 ? * FRI *)'],
    ['zh-CN', '计划任务 cron(0 22 ? * FRI *)'],
  ] as const)('names in %s the schedule that asked', (language, words) => {
    const requester = { kind: 'schedule', id: 'arn:x', name: 'cron(0 22 ? * FRI *)', groups: [] } as const;

    expect(
      composeNotice('shut-down', { ...EVERYTHING, requester: { ...requester, groups: [] } }, [language]).text,
    ).toContain(words);
  });

  it.each([
    ['en', /two different people have to approve/, /Without proof: the backup/],
    ['zh-CN', /必须由两位不同的人员审批/, /未经校验：停止数据库之前/],
  ] as const)(
    'tells the approvers in %s that two are needed, and of a run without proof',
    (language, two, unproved) => {
      const { text } = composeNotice(
        'approval-request',
        { ...EVERYTHING, approvalsNeeded: 2, unverified: true },
        [language],
      );
      expect(text).toMatch(two);
      expect(text).toMatch(unproved);
      const usual = composeNotice('approval-request', { ...EVERYTHING, approvalsNeeded: 1 }, [language]).text;
      expect(usual).not.toMatch(two);
      expect(usual).not.toMatch(unproved);
    },
  );

  it('called-off says that the system is up again only when it had been down', () => {
    expect(composeNotice('called-off', { ...EVERYTHING, availableAgain: true }, ['en']).text).toContain(
      'available again',
    );
    expect(composeNotice('called-off', EVERYTHING, ['en']).text).not.toContain('available again');
  });
});

describe('no notice claims a proof that was not made', () => {
  const unproved: NoticeFacts = { ...EVERYTHING, unverified: true };
  const { tables: _tables, rows: _rows, ...withoutTables } = unproved;

  it.each(LANGUAGES)('in %s', (language) => {
    const claims =
      language === 'en' ? /the backup is checked|backup is verified/ : /并对备份进行校验|备份已校验/;
    for (const kind of ['announcement', 'shut-down', 'partly-off'] as const) {
      const { subject, text } = composeNotice(kind, { ...withoutTables, error: 'PartlyOff' }, [language]);
      expect(`${subject}\n${text}`).not.toMatch(claims);
    }
    expect(composeNotice('shut-down', EVERYTHING, [language]).text).toMatch(/104,523/);
  });
});

describe('what operators are told', () => {
  it('shut-down: snapshot, rows, actual against expected, states', () => {
    const { text } = composeNotice('shut-down', EVERYTHING, ['en']);

    expect(text).toContain('12 tables, 104,523 rows, no difference');
    expect(text).toContain('Took: 40 min (expected 45 min)');
    expect(text).toContain('Snapshot: lights-out-crm-20261127-1330-c02f2ce2');
    expect(text).toContain('database crm-db: available');
  });

  it('partly-off: the states, what else failed, and what to do by hand', () => {
    const { subject, text } = composeNotice('partly-off', { ...EVERYTHING, error: 'PartlyOff' }, ['en']);

    expect(subject).toContain('Please act');
    expect(text).toContain('database crm-db: available');
    expect(text).toContain('Roll back: services: app-1 did not answer');
    expect(text).toContain('aws rds stop-db-instance --db-instance-identifier crm-db');
  });

  it.each(LANGUAGES)('approval-request in %s: how to answer, until when, what to mind', (language) => {
    const { text } = composeNotice('approval-request', EVERYTHING, [language]);

    expect(text).toContain('lights-out approve night-1');
    expect(text).toContain('lights-out deny night-1');
    expect(text).toContain('verification is "none"');
    expect(text).toContain('2026-11-27');
    expect(text).toContain('21:55');
  });

  it.each(['rolled-back', 'not-begun'] as const)('%s: why', (kind) => {
    expect(composeNotice(kind, EVERYTHING, ['en']).text).toMatch(
      /SnapshotFailed[.:] snapshot x ended as "failed"/,
    );
  });
});

describe('times and durations', () => {
  it.each([
    ['2026-11-27T14:00:00Z', 'Asia/Shanghai', 'Friday, 2026-11-27 22:00 (Asia/Shanghai, GMT+8)'],
    ['2026-11-27T16:00:00Z', 'Asia/Shanghai', 'Saturday, 2026-11-28 00:00 (Asia/Shanghai, GMT+8)'],
    ['2026-07-01T20:00:00Z', 'Europe/Berlin', 'Wednesday, 2026-07-01 22:00 (Europe/Berlin, GMT+2)'],
    // The hour that comes twice in autumn: the offset tells them apart.
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', 'Sunday, 2026-10-25 02:30 (Europe/Berlin, GMT+2)'],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', 'Sunday, 2026-10-25 02:30 (Europe/Berlin, GMT+1)'],
    ['2026-11-27T14:00:00Z', 'Asia/Kolkata', 'Friday, 2026-11-27 19:30 (Asia/Kolkata, GMT+5:30)'],
  ])('%s in %s', (iso, zone, expected) => {
    expect(localTime(iso, zone, 'en')).toBe(expected);
  });

  it.each([
    [0, '0 s', '0 秒'],
    [45, '45 s', '45 秒'],
    [59.6, '1 min', '1 分钟'],
    [60, '1 min', '1 分钟'],
    [2700, '45 min', '45 分钟'],
    [3600, '1 h', '1 小时'],
    [5100, '1 h 25 min', '1 小时 25 分钟'],
    [86_400, '24 h', '24 小时'],
  ])('%d seconds', (seconds, english, chinese) => {
    expect(duration(seconds, 'en')).toBe(english);
    expect(duration(seconds, 'zh-CN')).toBe(chinese);
  });
});
