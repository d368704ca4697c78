import type { Language } from '../../../functions/contract/config.ts';
import type { NoticeFacts, NoticeKind } from '../../../functions/notices/notice.ts';
import { FACTS } from './facts.ts';

/** All that any notice may tell, as long as it gets. */
export const LONG_FACTS: NoticeFacts = {
  ...FACTS,
  actualSeconds: 2400,
  reason: 'DR-2026-11',
  requestedBy:
    'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_OperationsAdministrator_0123456789abcdef/li',
  error: 'ServiceDidNotStop',
  cause: 'service crm-mail-intake on worker-1 was "active" after 180 s; expected "inactive"',
  interrupted: 'RunAborted: somebody stopped the execution',
  resources: [
    { name: 'database crm-production-database-with-a-long-identifier', state: 'storage-optimization' },
    { name: 'server web-1', state: 'running' },
    { name: 'server application-server-12', state: 'shutting-down' },
    { name: 'service crm-mail-intake-and-routing.service on worker-1', state: 'inactive' },
    { name: 'maintenance mode', state: 'on' },
    { name: 'test instance lights-out-crm-20261127-1330-c02f2ce2', state: 'not there' },
  ],
  snapshot: 'lights-out-crm-20261127-1330-c02f2ce2',
  report: 'runs/crm/20261127-1330-c02f2ce2/report.html',
  expiresAt: '2026-11-27T13:55:00.000Z',
  warnings: ['verification is "none": the backup will not be restored'],
  execution: 'night-1',
  byHand: [
    'aws rds stop-db-instance --db-instance-identifier crm-production-database-with-a-long-identifier',
  ],
  finish: 'lights-out finish --system crm',
  backAt: '2026-11-30T00:00:00.000Z',
  openedAt: '2026-11-30T00:20:00.000Z',
  confirmation: {
    en: 'The data were confirmed before any server started: 5 tables, 100,000 rows.',
    'zh-CN': '已在启动服务器之前确认数据：5 个表、100,000 行。',
  },
  live: {
    en: [
      'Not compared, because it was written to between two readings of the source: crm: "public"."activities". The backup holds it, and it was read to its end.',
    ],
    'zh-CN': ['两次读取源库之间有写入，因此未比对：客户。备份包含这些对象，且已完整读取。'],
  },
  why: {
    en: 'No time was left to tell users in advance.',
    'zh-CN': '已来不及提前通知用户。',
  },
  started: ['database crm-db', 'server web-1'],
  startedBy: 'arn:aws:iam::123456789012:user/li',
};

export const KINDS: NoticeKind[] = [
  'announcement',
  'emergency',
  'reminder',
  'approval-request',
  'shut-down',
  'already-off',
  'rolled-back',
  'called-off',
  'not-begun',
  'partly-off',
  'proved',
  'not-proved',
  'back',
  'late',
  'started-up',
  'already-on',
  'partly-on',
  'startup-not-begun',
  'kept-stopped',
  'started-by-hand',
  'swept',
  'retained',
  'schedule-missed',
  'schedule-skipped',
];

export const LANGUAGES: Language[] = ['zh-CN', 'en'];
