import type { Language } from '../contract/config.ts';
import { counted } from '../contract/counted.ts';
import { shown } from '../contract/shown.ts';

/** An object that was written to while a backup of the system in use was taken, and which state of it the copy holds. */
export interface ToldWrite {
  object: string;
  copy: 'before' | 'after' | 'between';
}

/** The most objects that are named; the evidence has all of them. */
const MOST_NAMED = 10;

/** What was written to a source in use meanwhile, and what that means for the proof: a sentence each. */
export function liveInWords(written: ToldWrite[], language: Language): string[] {
  const words = WORDS[language];
  const names = (of: (write: ToldWrite) => boolean): string[] =>
    written.filter(of).map(({ object }) => shown(object));
  const between = names(({ copy }) => copy === 'between');
  const proved = names(({ copy }) => copy !== 'between');
  if (written.length === 0) return [words.nothing];
  return [
    ...(between.length === 0 ? [] : [words.between(words.list(between))]),
    ...(proved.length === 0 ? [] : [words.proved(words.list(proved))]),
  ];
}

interface Words {
  nothing: string;
  between(list: string): string;
  proved(list: string): string;
  list(names: string[]): string;
}

const ENGLISH: Words = {
  nothing: 'Nothing was seen to be written to the database meanwhile.',
  between: (list) =>
    `Not compared, because it was written to between two readings of the source: ${list}. The backup holds it, and it was read to its end.`,
  proved: (list) => `Written to meanwhile, and in the backup as it was before or after: ${list}.`,
  list: (names) =>
    `${names.slice(0, MOST_NAMED).join('; ')}${names.length > MOST_NAMED ? ` and ${counted(names.length - MOST_NAMED, 'more object')}` : ''}`,
};

const CHINESE: Words = {
  nothing: '备份期间未发现数据库有写入。',
  between: (list) => `两次读取源库之间有写入，因此未比对：${list}。备份包含这些对象，且已完整读取。`,
  proved: (list) => `备份期间有写入，备份内容与写入前或写入后一致：${list}。`,
  list: (names) =>
    `${names.slice(0, MOST_NAMED).join('；')}${names.length > MOST_NAMED ? ` 等共 ${names.length} 个对象` : ''}`,
};

const WORDS: Record<Language, Words> = { en: ENGLISH, 'zh-CN': CHINESE };
