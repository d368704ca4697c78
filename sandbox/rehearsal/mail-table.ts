import type { Language } from '../../functions/contract/config.ts';
import { type Html, html } from '../../functions/contract/html.ts';
import type { SentMail } from '../aws/services/ses.ts';

/** For whom a report is written. */
export interface Reader {
  language: Language;
  /** Of the system: the report tells every time by it. */
  timeZone: string;
}

const HEADS: Record<Language, (timeZone: string) => string[]> = {
  en: (timeZone) => [`Sent (${timeZone})`, 'To', 'Subject', 'Mail'],
  'zh-CN': (timeZone) => [`发送时间（${timeZone}）`, '收件人', '主题', '邮件'],
};

/**
 * The mails that a rehearsal kept, as a table of its report.
 *
 * @param folder of the mails, as seen from the report.
 */
export function mailTable(mails: SentMail[], { language, timeZone }: Reader, folder = 'mail'): Html {
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const head = HEADS[language](timeZone).map((title) => html`<th scope="col">${title}</th>`);
  const rows = mails.map(
    ({ at, to, subject, file }) =>
      html`<tr><th scope="row">${clock.format(Date.parse(at))}</th><td>${to.join(', ')}</td><td>${subject}</td><td><a href="${folder}/${encodeURIComponent(file)}">.eml</a></td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
