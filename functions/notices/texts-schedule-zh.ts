import { localTime, type NoticeFacts, type NoticeText, type ScheduleNoticeKind } from './notice.ts';

const CLOSING = '本消息由 Lights Out 发送，它按计划任务启动各次运行。';

const facts = ({ at, timeZone }: NoticeFacts): { label: string; value: string }[] =>
  at === undefined ? [] : [{ label: '计划时间', value: localTime(at, timeZone, 'zh-CN') }];

const what = ({ scheduled }: NoticeFacts): string => (scheduled === 'startup' ? '恢复' : '停机');

const state = ({ scheduled }: NoticeFacts): string =>
  scheduled === 'startup' ? '未启动任何资源。' : '未作任何改动，也未通知任何用户。';

/** What the planner tells, in Chinese. */
export const chineseSchedule: Record<ScheduleNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  'schedule-missed': (given) => ({
    subject: `请查看：${given.displayName} 的计划${what(given)}未执行`,
    heading: `${given.displayName} 的计划${what(given)}未执行`,
    paragraphs: [...(given.why === undefined ? [] : [given.why['zh-CN']]), state(given)],
    facts: facts(given),
    closing: CLOSING,
  }),
  'schedule-skipped': (given) => ({
    subject: `${given.displayName}：本次计划${what(given)}不执行`,
    heading: `${given.displayName} 本次计划${what(given)}不执行`,
    paragraphs: [
      ...(given.why === undefined ? [] : [given.why['zh-CN']]),
      `${state(given)}后续的计划时间不变。`,
    ],
    facts: facts(given),
    closing: CLOSING,
  }),
};
