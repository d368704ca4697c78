import { localTime, type NoticeFacts, type NoticeText, type WatchNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';
import { resourceInChinese, stateInChinese } from './words-zh.ts';

const AUTOMATIC = '本通知由 Lights Out 自动发送，该工具在系统应处于关闭状态期间持续进行监视。';

const TIDY = '本通知由 Lights Out 自动发送，该工具会在运行结束后进行清理。';

const states = (facts: NoticeFacts): { label: string; value: string }[] =>
  (facts.resources ?? []).map((resource) => ({
    label: resourceInChinese(resource.name),
    value: stateInChinese(resource.state),
  }));

const about = (facts: NoticeFacts): { label: string; value: string }[] => [
  ...(facts.at === undefined
    ? []
    : [{ label: '发现时间', value: localTime(facts.at, facts.timeZone, 'zh-CN') }]),
  { label: '关闭时的运行编号', value: facts.runId },
];

const release = (facts: NoticeFacts): string =>
  `如需重新使用 ${facts.displayName}，请先执行：lights-out release --system ${facts.system}。在此之前，系统应保持关闭。`;

/** What the watch tells the operators, in Chinese. */
export const chineseWatch: Record<WatchNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  'kept-stopped': (facts) => ({
    ...(facts.finishedBy === undefined ? stoppedAgain(facts) : finished(facts)),
    facts: [...states(facts), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'started-by-hand': (facts) => ({
    subject: `${facts.displayName} 应处于关闭状态，但有人启动了 ${list(facts)}`,
    heading: `有人启动了 ${list(facts)}`,
    paragraphs: [
      `${facts.displayName} 应处于关闭状态。${facts.startedBy === undefined ? '目前尚不清楚由谁启动：几分钟后可在 CloudTrail 中查到。' : `启动者：${facts.startedBy}。`}`,
      facts.stoppedAgain === true
        ? '按照该系统的策略（自动再次停止），正在将其再次停止。'
        : `未作任何处理：${
            facts.aborted === true
              ? '该次关闭在途中被人工中止，因此不会再停止由人启动的资源'
              : '该系统的策略是仅通知您'
          }。运行期间会产生费用，且此时写入数据库的内容不在任何已校验的备份中。`,
      release(facts),
    ],
    facts: [...states(facts), ...about(facts)],
    closing: AUTOMATIC,
  }),
  swept: (facts) => ({
    subject: `${facts.displayName}：已删除某次运行遗留的资源`,
    heading: `${facts.displayName}：已删除某次运行遗留的资源`,
    paragraphs: [
      '某次运行结束后，其数据库副本或服务器卷副本仍然存在。该副本会产生费用，现正在删除。系统本身没有任何改动。',
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'zh-CN')),
    ],
    facts: [...states(facts), { label: '运行编号', value: facts.runId }],
    closing: TIDY,
  }),
  retained: (facts) => ({
    subject: `${facts.displayName}：已删除较早的已校验快照`,
    heading: `${facts.displayName}：已删除较早的已校验快照`,
    paragraphs: [
      '按照该系统的保留策略，较新的已校验快照已取而代之。相应运行的证据仍会保留。',
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'zh-CN')),
    ],
    facts: [...states(facts), { label: '运行编号', value: facts.runId }],
    closing: TIDY,
  }),
};

function stoppedAgain(facts: NoticeFacts): Pick<NoticeText, 'subject' | 'heading' | 'paragraphs'> {
  return {
    subject: `${facts.displayName}：${list(facts)} 曾被启动，现已再次停止`,
    heading: `${list(facts)} 已再次停止`,
    paragraphs: [
      facts.startedBy === undefined && facts.forced === true
        ? 'RDS 会在数据库停止七天后自动将其启动。由于系统应处于关闭状态，Lights Out 已将其再次停止。其他资源没有变化，您无需处理。'
        : '它在系统应处于关闭状态期间被启动。按照该系统的策略（自动再次停止），Lights Out 已将其再次停止。',
      release(facts),
    ],
  };
}

function finished(facts: NoticeFacts): Pick<NoticeText, 'subject' | 'heading' | 'paragraphs'> {
  return {
    subject: `${facts.displayName} 现已完全关闭`,
    heading: `${facts.displayName} 现已完全关闭`,
    paragraphs: [
      `应 ${facts.finishedBy} 的请求（lights-out finish），关闭操作遗留的资源已关闭。${facts.started?.length === 0 ? '查看时均已关闭。' : `本次关闭：${list(facts)}。`}`,
      '关闭操作之后如有数据写入数据库，则不在任何已校验的备份中，但仍保存在数据库中。',
      release(facts),
    ],
  };
}

function list({ started = [] }: NoticeFacts): string {
  return started.map(resourceInChinese).join('、');
}
