import type { Language } from '../contract/config.ts';
import { originalInChinese } from './words-zh.ts';

/** A sentence in each language, or a text that exists in English alone, such as a message of AWS or of a database. */
export type Words = string | Record<Language, string>;

/** A text that exists in English alone is marked as the original in Chinese. */
export function inLanguage(words: Words, language: Language): string {
  if (typeof words !== 'string') return words[language];
  return language === 'zh-CN' ? originalInChinese(words) : words;
}
