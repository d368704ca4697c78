import type { Language } from '../../contract/config.ts';
import { counted } from '../../contract/counted.ts';
import { ErrorName } from '../../contract/errors.ts';
import { originalInChinese } from '../../notices/words-zh.ts';
import type { StartupCertificate } from './certificate.ts';

/** Whether what came back is what was put away, in a sentence. Undefined when nobody looked. */
export function confirmationInWords(
  { confirmation, failure }: Pick<StartupCertificate, 'confirmation' | 'failure'>,
  language: Language,
): string | undefined {
  if (confirmation === undefined) return undefined;
  const { outcome, tables, rows, why, accepted } = confirmation;
  const chinese = language === 'zh-CN';
  switch (outcome) {
    case 'equal':
      return chinese
        ? `已在启动服务器之前确认数据：${tables} 个表、${rows.toLocaleString('zh-CN')} 行，与关闭时完全一致。`
        : `The data were confirmed before any server started: ${counted(tables, 'table')}, ${counted(rows, 'row')}, exactly as they were put away.`;
    case 'accepted':
      return chinese
        ? `数据与关闭时的记录不一致或未能比对，由 ${accepted?.by ?? '未知'} 同意启动。原因：${accepted?.reason ?? ''}`
        : `The data differ from what was put away, or could not be compared. ${accepted?.by ?? 'Somebody'} let the system start all the same: ${accepted?.reason ?? ''}`;
    case 'not-confirmed':
      return chinese
        ? `未将数据与关闭时的记录比对。${originalInChinese(why ?? '')}`
        : `The data were not compared with what was put away: ${why ?? 'no reason given'}.`;
    default:
      return failure?.Error === ErrorName.DataChanged || failure === undefined
        ? undefined
        : chinese
          ? '数据尚未确认。'
          : 'The data are not confirmed yet.';
  }
}

/** What a person does next. */
export function startupNextStep(
  { failure }: Pick<StartupCertificate, 'failure'>,
  system: string,
  language: Language,
): string {
  const again = `lights-out startup --system ${system}`;
  const chinese = language === 'zh-CN';
  switch (failure?.Error) {
    case ErrorName.DataChanged:
    case ErrorName.DataNotConfirmed:
      return chinese
        ? `请先查明数据为何不同。若确属预期，请运行：${again} --accept-differences "原因"`
        : `Find out first why the data differ. If that was meant, let it start: ${again} --accept-differences "REASON"`;
    case ErrorName.RunInProgress:
      return chinese
        ? `请等待另一次运行结束，然后再次运行：${again}`
        : `Wait until the other run has ended, then start it again: ${again}`;
    default:
      return chinese
        ? `请消除上述原因，然后再次运行（可重复运行，会从中断处继续）：${again}`
        : `Mend what stands above, then start it again; it goes on where it ended, as often as needed: ${again}`;
  }
}
