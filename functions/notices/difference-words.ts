import type { Difference } from '../../engines/manifest.ts';
import type { Language } from '../contract/config.ts';
import { counted } from '../contract/counted.ts';
import { shown } from '../contract/shown.ts';

/** One difference, as people are told of it: names, counts and keys from the evidence, never a value. */
export type ToldDifference = Pick<
  Difference,
  'object' | 'kind' | 'detail' | 'keys' | 'rows' | 'columns' | 'strayWrite'
>;

/** The most keys and columns shown of one difference. */
const MOST_SHOWN = 20;

/** One difference in words for a person: which table, how many rows, which rows, which columns. */
export function differenceInWords(difference: ToldDifference, language: Language): string {
  return language === 'zh-CN' ? inChinese(difference) : inEnglish(difference);
}

function inEnglish({
  object,
  kind,
  detail,
  rows,
  keys = [],
  columns = [],
  strayWrite,
}: ToldDifference): string {
  const what: string[] = [];
  if (rows !== undefined) {
    const { missing, extra, changed, all } = rows;
    const parts = [
      ...(missing.length > 0 ? [`${counted(missing.length, 'row')} missing in the copy`] : []),
      ...(extra.length > 0 ? [`${counted(extra.length, 'row')} only in the copy`] : []),
      ...(changed.length > 0 ? [`${counted(changed.length, 'row')} with other contents`] : []),
    ];
    if (parts.length > 0) what.push(`${all ? '' : 'at least '}${parts.join(', ')}`);
  }
  if (what.length === 0) what.push(kind === 'schema' ? 'its definition differs' : detail);
  if (columns.length > 0) what.push(`${columns.length === 1 ? 'column' : 'columns'} ${list(columns, ', ')}`);
  if (keys.length > 0) what.push(`${keys.length === 1 ? 'row' : 'rows'} ${list(keys, ', ')}`);
  if (strayWrite === true) what.push('the source itself was written to meanwhile');
  return `${shown(object)}: ${what.join('; ')}`;
}

function inChinese({ object, kind, rows, keys = [], columns = [], strayWrite }: ToldDifference): string {
  const what: string[] = [];
  if (rows !== undefined) {
    const { missing, extra, changed, all } = rows;
    const parts = [
      ...(missing.length > 0 ? [`副本缺少 ${missing.length} 行`] : []),
      ...(extra.length > 0 ? [`副本多出 ${extra.length} 行`] : []),
      ...(changed.length > 0 ? [`${changed.length} 行内容不同`] : []),
    ];
    if (parts.length > 0) what.push(`${all ? '' : '至少'}${parts.join('、')}`);
  }
  if (what.length === 0) what.push(KINDS_IN_CHINESE[kind]);
  if (columns.length > 0) what.push(`列 ${list(columns, '、')}`);
  if (keys.length > 0) what.push(`行 ${list(keys, '、')}`);
  if (strayWrite === true) what.push('期间源数据库本身被写入');
  return `${shown(object)}：${what.join('；')}`;
}

const KINDS_IN_CHINESE: Record<Difference['kind'], string> = {
  missing: '副本中没有',
  extra: '仅存在于副本中',
  rows: '行数不同',
  content: '行数相同，内容不同',
  schema: '定义不同',
  sequence: '序列的值不同',
};

function list(names: string[], between: string): string {
  const more = names.length > MOST_SHOWN ? ` …` : '';
  return `${names.slice(0, MOST_SHOWN).map(shown).join(between)}${more}`;
}
