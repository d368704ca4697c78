import type { Language } from '../../contract/config.ts';
import type { LeftOut } from '../../contract/ledger.ts';
import type { Occurrence } from '../../contract/occurrences.ts';

/** The reason of an occurrence that the schedule itself leaves out. */
export function reasonOfSkip(skipped: NonNullable<Occurrence['skipped']>): LeftOut {
  return skipped.by === 'clocks' ? { why: 'clocks' } : { why: 'exception', reason: skipped.reason };
}

/** A sentence for the operators, in each language. Undefined: there is nothing to tell, since it is as everybody expects. */
export function reasonText(
  reason: LeftOut,
  time: (iso: string, language: Language) => string,
): Record<Language, string> | undefined {
  switch (reason.why) {
    case 'clocks':
      return {
        en: 'Clocks jump over that time on this day.',
        'zh-CN': '当天时钟调整，不存在该时刻。',
      };
    case 'exception':
      return {
        en: `An exception of the configuration covers that day: ${reason.reason}.`,
        'zh-CN': `配置中的例外日期包含当天：${reason.reason}。`,
      };
    case 'hold':
      return {
        en: `${reason.by} holds the system until ${time(reason.until, 'en')}: ${reason.reason}.`,
        'zh-CN': `${reason.by} 已设定在 ${time(reason.until, 'zh-CN')} 之前不得停机：${reason.reason}。`,
      };
    case 'too-late':
      return {
        en: 'No time was left to tell users in advance. A missed shutdown is not made up for. To shut the system down all the same, start a run.',
        'zh-CN': '已来不及提前通知用户。错过的停机不会补做。如仍需停机，请手动启动一次运行。',
      };
    case 'back-before-out':
      return {
        en: 'Users would have been out only after the time at which they were to be back.',
        'zh-CN': '用户退出的时间将晚于计划恢复的时间。',
      };
    case 'off-until':
      return {
        en: `Users were told that the system is back at ${time(reason.until, 'en')}. The schedule does not end that shutdown earlier.`,
        'zh-CN': `已告知用户系统将于 ${time(reason.until, 'zh-CN')} 恢复。计划任务不会提前结束该次停机。`,
      };
    case 'held':
      return {
        en: `Run ${reason.run} held the system for a day. Look at that run, then start the start-up: users are still shut out.`,
        'zh-CN': `运行 ${reason.run} 占用系统已达一天。请先查看该运行，再启动恢复：用户目前仍无法使用系统。`,
      };
    case 'is-on':
      return undefined;
  }
}
