import { isShutOut } from '../contract/errors.ts';
import { aboutRun, aboutRunForUsers, fact } from './about-run.ts';
import { duration, localTime, type NoticeFacts, type NoticeKind, type NoticeText } from './notice.ts';
import { chineseProof } from './texts-proof-zh.ts';
import { chineseSchedule } from './texts-schedule-zh.ts';
import { chineseStartup } from './texts-startup-zh.ts';
import { chineseWatch } from './texts-watch-zh.ts';
import { inLanguage } from './words.ts';
import {
  errorInChinese,
  failureInChinese,
  originalInChinese,
  resourceInChinese,
  stateInChinese,
} from './words-zh.ts';

const time = (iso: string | undefined, facts: NoticeFacts): string =>
  iso === undefined ? '现在' : localTime(iso, facts.timeZone, 'zh-CN');
const span = (seconds: number | undefined): string =>
  seconds === undefined ? '未知' : duration(seconds, 'zh-CN');
const number = (value: number | undefined): string => (value ?? 0).toLocaleString('zh-CN');
const about = (facts: NoticeFacts) => aboutRun(facts, 'zh-CN');
const forUsers = (facts: NoticeFacts) => aboutRunForUsers(facts, 'zh-CN');

/** The promise. Without one nobody guesses. */
const back = (facts: NoticeFacts): { label: string; value: string } => ({
  label: '预计恢复时间',
  value: facts.backAt === undefined ? '另行通知' : time(facts.backAt, facts),
});

const SAVE = '请在此之前保存您的工作并退出登录。仍未退出的会话可能会推迟或取消本次关闭。';
const AUTOMATIC = '本通知由 Lights Out 自动发送，该工具负责系统的安全关闭。';

const actualAgainstExpected = (facts: NoticeFacts): { label: string; value: string }[] =>
  facts.actualSeconds === undefined
    ? []
    : [{ label: '用时', value: `${span(facts.actualSeconds)}（预计 ${span(facts.expectedSeconds)}）` }];

const states = (facts: NoticeFacts): { label: string; value: string }[] =>
  (facts.resources ?? []).map((resource) => ({
    label: resourceInChinese(resource.name),
    value: stateInChinese(resource.state),
  }));

/** The findings of the last look, the differences of copy and source, and the next step. */
const found = (facts: NoticeFacts): string[] => [
  ...(facts.differences?.['zh-CN'] ?? []),
  ...(facts.lastLook?.['zh-CN'] ?? []),
  ...(facts.nextStep?.['zh-CN'] === undefined ? [] : [`下一步：${facts.nextStep?.['zh-CN']}`]),
];

const interrupted = (facts: NoticeFacts): string[] =>
  facts.interrupted === undefined ? [] : [`执行并非自行结束。${originalInChinese(facts.interrupted)}`];

/** The notices in Chinese. */
export const chinese: Record<NoticeKind, (facts: NoticeFacts) => NoticeText> = {
  ...chineseWatch,
  ...chineseSchedule,
  ...chineseStartup,
  ...chineseProof,
  announcement: (facts) => ({
    subject: `系统关闭通知：${facts.displayName} 将于 ${time(facts.at, facts)} 关闭`,
    heading: `${facts.displayName} 即将关闭`,
    paragraphs:
      facts.emergency === true
        ? [`${facts.displayName} 因紧急情况正在立即关闭，请马上保存您的工作并退出登录。`]
        : [`${facts.displayName} 将按计划关闭，关闭后暂时无法使用。`, SAVE],
    facts: [
      { label: '开始时间', value: time(facts.at, facts) },
      back(facts),
      { label: '预计关闭过程', value: `约 ${span(facts.expectedSeconds)}` },
      ...about(facts),
    ],
    closing: `在关闭任何资源之前，您的数据会先完成备份${facts.unverified === true ? '' : '，并对备份进行校验'}。${AUTOMATIC}`,
  }),
  emergency: (facts) => ({
    subject: `紧急：${facts.displayName} 正在立即关闭`,
    heading: `${facts.displayName} 正在立即关闭`,
    paragraphs: [
      '有人以紧急情况申请了本次关闭：用户会立即得到通知，系统不会等待用户退出。',
      facts.unverified === true
        ? '停止数据库之前，本次运行不会恢复并比对备份。'
        : '停止数据库之前，仍会恢复并比对备份。',
    ],
    facts: [...about(facts)],
    closing: AUTOMATIC,
  }),
  reminder: (facts) => ({
    subject: `提醒：${facts.displayName} 将于 ${time(facts.at, facts)} 关闭`,
    heading: `提醒：${facts.displayName} 很快将关闭`,
    paragraphs: [SAVE],
    facts: [
      { label: '开始时间', value: time(facts.at, facts) },
      back(facts),
      { label: '预计关闭过程', value: `约 ${span(facts.expectedSeconds)}` },
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'approval-request': (facts) => ({
    subject: `请审批：${facts.displayName} 计划于 ${time(facts.at, facts)} 关闭`,
    heading: `${facts.displayName} 的关闭申请等待您的审批`,
    paragraphs: [
      '目前尚未改动任何资源，也尚未通知用户。如在期限内没有答复，本次运行将结束，不会执行任何操作。',
      `请用以下命令之一答复：lights-out approve ${facts.execution ?? ''}（同意）或 lights-out deny ${facts.execution ?? ''}（拒绝）。申请人不能审批自己的申请。`,
      ...(facts.approvalsNeeded === 2 ? ['无法证实本次运行由谁发起：必须由两位不同的人员审批。'] : []),
      ...(facts.unverified === true ? ['未经校验：停止数据库之前，本次运行不会恢复并比对备份。'] : []),
      ...(facts.warnings ?? []).map((warning) => `注意：${originalInChinese(warning)}`),
    ],
    facts: [
      { label: '开始时间', value: time(facts.at, facts) },
      { label: '预计关闭过程', value: `约 ${span(facts.expectedSeconds)}` },
      { label: '答复期限', value: time(facts.expiresAt, facts) },
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'shut-down': (facts) => ({
    subject: `${facts.displayName} 已关闭，备份${facts.tables === undefined ? '已完成（未校验）' : '已校验'}`,
    heading: `${facts.displayName} 已完全关闭`,
    paragraphs: [
      facts.tables === undefined
        ? '快照已创建，但按照设置（校验方式：不校验）未做校验。'
        : `快照已恢复到测试实例并与源数据库逐表比对：共 ${number(facts.tables)} 张表、${number(facts.rows)} 行，没有差异。测试实例已删除。`,
      ...found(facts),
      ...(facts.interrupted === undefined
        ? []
        : [
            `执行并非自行结束。${originalInChinese(facts.interrupted)}。当时已请求停止全部资源，现已全部关闭；如仍需使用，请手动启动。`,
          ]),
    ],
    facts: [
      ...fact('快照', facts.snapshot),
      ...actualAgainstExpected(facts),
      ...states(facts),
      ...fact('报告', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'already-off': (facts) => ({
    subject: `${facts.displayName} 已处于关闭状态：未做任何改动`,
    heading: `${facts.displayName} 已处于关闭状态`,
    paragraphs: [
      `本次运行发现数据库和全部服务器均已由运行 ${facts.alreadyOff?.run ?? '（未知）'} 关闭。未做任何改动，也未通知用户。`,
      facts.alreadyOff?.verified === true
        ? '备份为该次运行所建：其快照当时已与源数据库比对一致，目前仍然存在。'
        : '备份为该次运行所建：其快照目前仍然存在，但按照当时的设置未做校验。',
      ...(facts.alreadyOff?.startedSince === true
        ? ['此后曾有资源被启动并再次关闭。其间写入的数据不在该备份中。']
        : []),
      ...found(facts),
    ],
    facts: [
      ...fact('关闭时间', facts.alreadyOff === undefined ? undefined : time(facts.alreadyOff.since, facts)),
      ...fact('快照', facts.alreadyOff?.snapshot),
      ...states(facts),
      ...fact('报告', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'rolled-back': (facts) => ({
    subject: `${facts.displayName} 未关闭，现已恢复使用`,
    heading: `${facts.displayName} 已恢复使用`,
    paragraphs: [
      '本次关闭已取消，已停止的服务均已重新启动，您可以继续工作。',
      ...(facts.error === undefined ? [] : [`情况说明：${failureInChinese(facts.error, facts.cause)}`]),
      ...found(facts),
      ...interrupted(facts),
    ],
    facts: [...states(facts), ...fact('报告', facts.report), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'called-off': (facts) => ({
    subject: `已通知的 ${facts.displayName} 关闭计划取消`,
    heading: `已通知的 ${facts.displayName} 关闭计划取消`,
    paragraphs: [
      facts.availableAgain === true
        ? `${facts.displayName} 已恢复使用，请重新登录并继续工作。如需再次关闭，新的时间将另行通知。`
        : '您可以继续工作。如需再次关闭，新的时间将另行通知。',
    ],
    facts: forUsers(facts),
    closing: AUTOMATIC,
  }),
  'not-begun': (facts) => ({
    subject: `${facts.displayName} 的关闭未开始：${errorInChinese(facts.error)}`,
    heading: `${facts.displayName} 的关闭未开始`,
    paragraphs: [
      '没有停止任何资源。',
      failureInChinese(facts.error, facts.cause),
      ...found(facts),
      ...interrupted(facts),
    ],
    facts: [...states(facts), ...fact('报告', facts.report), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'partly-off': (facts) => ({
    subject: `需要处理：${facts.displayName} 未能完全${facts.error === 'PartlyOff' ? '关闭' : '恢复'}`,
    heading: `${facts.displayName} 需要人工处理`,
    paragraphs: [
      facts.error === 'PartlyOff'
        ? `${facts.unverified === true ? '快照已创建（按照设置未做校验）' : '备份已校验'}，但未能关闭全部资源，各资源状态如下。`
        : isShutOut(facts.error)
          ? '该运行此前已被中止并清理，之后又被继续执行。它未改动系统，由现在的使用方处理。各资源状态如下。'
          : '关闭失败，且未能自动恢复全部资源，各资源状态如下。',
      failureInChinese(facts.error, facts.cause),
      ...found(facts),
      ...interrupted(facts),
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'zh-CN')),
      ...(facts.finish === undefined
        ? []
        : [
            facts.error === 'PartlyOff'
              ? `排除原因后，如期间未启动任何资源，可关闭剩余部分：${facts.finish}`
              : `排除原因后，可启动未运行的资源并开放使用：${facts.finish}`,
          ]),
      ...(facts.byHand ?? []).map((command) => `或手动完成：${command}`),
    ],
    facts: [
      ...states(facts),
      ...fact('快照', facts.snapshot),
      ...fact('报告', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
};
