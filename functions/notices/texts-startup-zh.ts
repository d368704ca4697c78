import { aboutRun, aboutRunForUsers, fact } from './about-run.ts';
import { duration, localTime, type NoticeFacts, type NoticeText, type StartupNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';
import { errorInChinese, failureInChinese, resourceInChinese, stateInChinese } from './words-zh.ts';

const AUTOMATIC = '本通知由 Lights Out 自动发送，该工具负责系统的恢复。';

const time = (iso: string, facts: NoticeFacts): string => localTime(iso, facts.timeZone, 'zh-CN');
const forUsers = (facts: NoticeFacts) => aboutRunForUsers(facts, 'zh-CN');

const forOperators = (facts: NoticeFacts): { label: string; value: string }[] => [
  ...(facts.resources ?? []).map(({ name, state }) => ({
    label: resourceInChinese(name),
    value: stateInChinese(state),
  })),
  ...fact('报告', facts.report),
  ...aboutRun(facts, 'zh-CN'),
];

/** The promise against what came. */
const promise = ({ backAt, openedAt, ...facts }: NoticeFacts): { label: string; value: string }[] => {
  if (backAt === undefined) return [];
  const late = openedAt === undefined ? 0 : (Date.parse(openedAt) - Date.parse(backAt)) / 1000;
  const words = late > 60 ? `比预计晚 ${duration(late, 'zh-CN')}` : '按时恢复';
  return [
    { label: '预计恢复时间', value: localTime(backAt, facts.timeZone, 'zh-CN') },
    ...(openedAt === undefined ? [] : [{ label: '恢复情况', value: words }]),
  ];
};

const problems = (facts: NoticeFacts): string[] =>
  (facts.problems ?? []).map((words) => inLanguage(words, 'zh-CN'));

/** What a start-up tells, in Chinese. */
export const chineseStartup: Record<StartupNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  back: (facts) => ({
    subject: `${facts.displayName} 已恢复使用`,
    heading: `${facts.displayName} 已恢复使用`,
    paragraphs: ['请重新登录，继续您的工作。'],
    facts: [
      ...fact('恢复时间', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...promise(facts),
      ...forUsers(facts),
    ],
    closing: AUTOMATIC,
  }),
  late: (facts) => ({
    subject: `${facts.displayName} 将晚于预计时间恢复`,
    heading: `${facts.displayName} 将晚于预计时间恢复`,
    paragraphs: [
      facts.backAt === undefined
        ? '系统目前仍不可用。'
        : `系统原定于 ${time(facts.backAt, facts)} 恢复，现无法按时恢复。`,
      '您无需进行任何操作。系统恢复后会立即通知您。',
    ],
    facts: forUsers(facts),
    closing: AUTOMATIC,
  }),
  'started-up': (facts) => ({
    subject: `${facts.displayName} 已启动并开放使用`,
    heading: `${facts.displayName} 已启动并开放使用`,
    paragraphs: [
      ...(facts.confirmation === undefined ? [] : [facts.confirmation['zh-CN']]),
      '已确认数据库、服务器和服务均已启动，用户可以登录。',
      ...problems(facts),
    ],
    facts: [
      ...fact('开放时间', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...promise(facts),
      ...forOperators(facts),
    ],
    closing: AUTOMATIC,
  }),
  'already-on': (facts) => ({
    subject: `${facts.displayName} 已处于运行状态：未做任何操作`,
    heading: `${facts.displayName} 已处于运行状态`,
    paragraphs: ['本次运行发现数据库和所有服务器均在运行，用户可以登录。未做任何改动，也未通知用户。'],
    facts: [
      ...fact('开放时间', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...forOperators(facts),
    ],
    closing: AUTOMATIC,
  }),
  'partly-on': (facts) => ({
    subject: `请处理：${facts.displayName} ${facts.doorsOpen === true ? '已开放，但未完全启动' : '尚未开放使用'}`,
    heading: `${facts.displayName} 需要人工处理`,
    paragraphs: [
      `${facts.doorsOpen === true ? '用户可能已经可以登录，但结束时并非所有资源都处于运行状态。' : '启动在开放使用之前结束。'}已启动的资源保持运行，不会被再次停止。各资源的状态见下。`,
      failureInChinese(facts.error, facts.cause),
      ...(facts.confirmation === undefined ? [] : [facts.confirmation['zh-CN']]),
      ...problems(facts),
      ...(facts.nextStep === undefined ? [] : [`下一步：${facts.nextStep['zh-CN']}`]),
    ],
    facts: [...promise(facts), ...forOperators(facts)],
    closing: AUTOMATIC,
  }),
  'startup-not-begun': (facts) => ({
    subject: `${facts.displayName} 的启动未能开始：${errorInChinese(facts.error)}`,
    heading: `${facts.displayName} 的启动未能开始`,
    paragraphs: [
      '未启动任何资源，用户仍无法登录。',
      failureInChinese(facts.error, facts.cause),
      ...(facts.nextStep === undefined ? [] : [`下一步：${facts.nextStep['zh-CN']}`]),
    ],
    facts: [...promise(facts), ...forOperators(facts)],
    closing: AUTOMATIC,
  }),
};
