import type { Language } from '../contract/config.ts';
import type { Requester } from '../contract/principal.ts';
import type { RunContext } from '../contract/state.ts';

/** The requester of a run, and the name in its input. */
export interface AskedBy {
  requester: Requester;
  /** Believed nowhere. */
  requestedBy?: string;
}

/** The requester, as a notice or a report names it. Unknown for a run from before requesters were proved. */
export function askedBy(run: Pick<RunContext, 'requester' | 'requestedBy'>): AskedBy {
  return {
    requester: run.requester ?? 'unknown',
    ...(run.requestedBy === undefined ? {} : { requestedBy: run.requestedBy }),
  };
}

/** The requester in words. If nobody is proved, the words say so and quote the input. */
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
