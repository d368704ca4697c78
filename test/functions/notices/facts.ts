import type { NoticeFacts } from '../../../functions/notices/notice.ts';

/** What every notice of a run tells of it. */
export const FACTS: NoticeFacts = {
  runId: '20261127-1330-c02f2ce2',
  system: 'crm',
  displayName: 'Sunrise CRM',
  timeZone: 'Asia/Shanghai',
  at: '2026-11-27T14:00:00.000Z',
  expectedSeconds: 2700,
};
