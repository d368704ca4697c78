import type { Language } from '../contract/config.ts';
import { originalInChinese } from './words-zh.ts';

/** A sentence in each language, or one that exists in English alone, as what AWS or a database said. */
export type Words = string | Record<Language, string>;

/** In Chinese what exists in English alone is marked as the original. */
export function inLanguage(words: Words, language: Language): string {
  if (typeof words !== 'string') return words[language];
  return language === 'zh-CN' ? originalInChinese(words) : words;
}
