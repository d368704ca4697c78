import type { Language } from '../contract/config.ts';
import type { NoticeFacts, NoticeKind, NoticeText } from './notice.ts';
import { english } from './texts-en.ts';
import { chinese } from './texts-zh.ts';

/** A notice's text in one language. */
export function textOf(kind: NoticeKind, facts: NoticeFacts, language: Language): NoticeText {
  return language === 'zh-CN' ? chinese[kind](facts) : english[kind](facts);
}
