import type { Language } from '../contract/config.ts';
import type { Requester } from '../contract/principal.ts';
import type { RunContext } from '../contract/state.ts';

/** Who asked for a run, and what its input says about that. */
export interface AskedBy {
  requester: Requester;
  /** Believed nowhere. */
  requestedBy?: string;
}

/** Who asked, as a notice or a report tells it; of a run that began before it was proved, nobody knows. */
export function askedBy(run: Pick<RunContext, 'requester' | 'requestedBy'>): AskedBy {
  return {
    requester: run.requester ?? 'unknown',
    ...(run.requestedBy === undefined ? {} : { requestedBy: run.requestedBy }),
  };
}

/** Who asked, in words: what is proved, else that nothing is, with what the input says. */
export function requesterInWords({ requester, requestedBy }: AskedBy, language: Language): string {
  const chinese = language === 'zh-CN';
  if (requester !== 'unknown') {
    if (requester.kind !== 'schedule') return requester.id;
    return chinese ? `计划任务 ${requester.name}` : `the schedule ${requester.name}`;
  }
  const unknown = chinese
    ? '未知（在控制台或通过其 API 启动）'
    : 'unknown (started in the console or by its API)';
  if (requestedBy === undefined) return unknown;
  return chinese
    ? `${unknown}；输入中写的是“${requestedBy}”，未经证实`
    : `${unknown}; the input says "${requestedBy}", which is not proved`;
}
