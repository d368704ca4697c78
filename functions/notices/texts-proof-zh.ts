import { aboutRun, fact } from './about-run.ts';
import { duration, type NoticeFacts, type NoticeText, type ProofNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';
import { errorInChinese, failureInChinese, originalInChinese } from './words-zh.ts';

const AUTOMATIC = '本通知由 Lights Out 自动发送，该工具负责系统的安全关闭。';
const UNTOUCHED = '没有停止任何资源，也未通知用户。';

const number = (value: number | undefined): string => (value ?? 0).toLocaleString('zh-CN');

const took = ({ actualSeconds }: NoticeFacts): { label: string; value: string }[] =>
  fact('用时', actualSeconds === undefined ? undefined : duration(actualSeconds, 'zh-CN'));

/** The notices of a run that only proves a backup, in Chinese. */
export const chineseProof: Record<ProofNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  proved: (facts) => ({
    subject: `${facts.displayName} 的备份已完成并通过校验`,
    heading: `${facts.displayName} 的备份已通过校验`,
    paragraphs: [
      `系统运行期间创建的数据库快照已恢复到测试实例，并与源数据库逐表比对：共 ${number(facts.tables)} 张表、${number(facts.rows)} 行，没有差异。测试实例已删除。`,
      ...(facts.live?.['zh-CN'] ?? []),
      ...(facts.interrupted === undefined
        ? []
        : [`执行并非自行结束。${originalInChinese(facts.interrupted)}。当时备份已通过校验。`]),
      `${UNTOUCHED}服务器卷上的文件不在本次备份范围内。`,
    ],
    facts: [
      ...fact('快照', facts.snapshot),
      ...took(facts),
      ...fact('报告', facts.report),
      ...aboutRun(facts, 'zh-CN'),
    ],
    closing: AUTOMATIC,
  }),
  'not-proved': (facts) => ({
    subject: `${facts.displayName} 的备份未通过校验：${errorInChinese(facts.error)}`,
    heading: `${facts.displayName} 的备份未通过校验`,
    paragraphs: [
      UNTOUCHED,
      failureInChinese(facts.error, facts.cause),
      ...(facts.differences?.['zh-CN'] ?? []),
      ...(facts.nextStep === undefined ? [] : [`下一步：${facts.nextStep['zh-CN']}`]),
      ...(facts.interrupted === undefined
        ? []
        : [`执行并非自行结束。${originalInChinese(facts.interrupted)}。`]),
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'zh-CN')),
    ],
    facts: [
      ...fact('快照（未校验）', facts.snapshot),
      ...fact('报告', facts.report),
      ...aboutRun(facts, 'zh-CN'),
    ],
    closing: AUTOMATIC,
  }),
};
