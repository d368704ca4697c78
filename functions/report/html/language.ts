import type { Language } from '../../contract/config.ts';
import type { Labels } from './labels.ts';
import { englishLabels } from './labels-en.ts';
import { chineseLabels } from './labels-zh.ts';

/** The report's fixed texts in a language. */
export function labelsOf(language: Language): Labels {
  return language === 'zh-CN' ? chineseLabels : englishLabels;
}
