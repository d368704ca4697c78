import type { Language } from '../contract/config.ts';
import type { NoticeFacts } from './notice.ts';
import { requesterInWords } from './requester.ts';

/** A line of a notice: what it is, and its value. */
interface Fact {
  label: string;
  value: string;
}

const LABELS: Record<Language, { reason: string; requester: string; run: string }> = {
  en: { reason: 'Reason', requester: 'Requested by', run: 'Run' },
  'zh-CN': { reason: '原因', requester: '申请人', run: '运行编号' },
};

/** A line, unless there is nothing to say. */
export const fact = (label: string, value: string | undefined): Fact[] =>
  value === undefined ? [] : [{ label, value }];

/** Why, who asked, and which run. */
export function aboutRun(facts: NoticeFacts, language: Language): Fact[] {
  const { reason, requester, run } = LABELS[language];
  const asked = facts.requester;
  return [
    ...fact(reason, facts.reason),
    ...fact(
      requester,
      asked === undefined ? undefined : requesterInWords({ ...facts, requester: asked }, language),
    ),
    { label: run, value: facts.runId },
  ];
}

/** Only operators are told who asked. */
export function aboutRunForUsers({ requester: _asked, ...facts }: NoticeFacts, language: Language): Fact[] {
  return aboutRun(facts, language);
}
