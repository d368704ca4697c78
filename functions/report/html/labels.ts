import type { Language } from '../../shared/contract/config.ts';
import { type Outcome, StepName } from '../../shared/contract/state.ts';

/** Every fixed text of the report, in one language. */
export interface Labels {
  title: string;
  outcome: Record<Outcome, { headline: string; sentence: string }>;
  run: string;
  begun: string;
  announcedFor: string;
  closed: string;
  requestedBy: string;
  reason: string;
  approvedBy: string;
  took: string;
  expected: string;
  snapshot: string;
  noSnapshot: string;
  verified: string;
  notVerified: string;
  whatHappened: string;
  timeline: string;
  timelineHint: string;
  stateMachine: string;
  stateMachineHint: string;
  verification: string;
  database: string;
  table: string;
  rows: string;
  digest: string;
  result: string;
  equal: string;
  different: string;
  unread: string;
  differences: string;
  notCompared: string;
  nothingCompared: string;
  resources: string;
  resource: string;
  state: string;
  plan: string;
  pendingUpdates: string;
  warnings: string;
  reasons: string;
  none: string;
  mails: string;
  announcements: (sent: number, rounds: number) => string;
  outcomeMails: (sent: number) => string;
  sourceServer: string;
  restoredServer: string;
  total: (tables: number, rows: number) => string;
  steps: Partial<Record<StepName, string>>;
}

const english: Labels = {
  title: 'Shutdown report',
  outcome: {
    succeeded: {
      headline: 'Completely off',
      sentence:
        'The backup was restored, compared and found equal before anything was switched off. Nothing is to be done.',
    },
    planned: {
      headline: 'Planned only',
      sentence: 'A dry run: everything was looked at, nothing was touched, nobody was told.',
    },
    'rolled-back': {
      headline: 'Rolled back: the CRM is up',
      sentence: 'The shutdown was called off and everything that had been stopped was started again.',
    },
    denied: { headline: 'Denied: nothing was touched', sentence: 'The run was not approved.' },
    skipped: { headline: 'Skipped: another run is under way', sentence: 'Nothing was touched by this run.' },
    'partly-off': {
      headline: 'Partly off: please act',
      sentence: 'The backup is safe, but not everything could be switched off. The states are below.',
    },
    failed: {
      headline: 'Failed: please look',
      sentence: 'The run did not reach its end. What happened and how everything stands is below.',
    },
  },
  run: 'Run',
  begun: 'Run begun',
  announcedFor: 'Shutdown announced for',
  closed: 'Closed',
  requestedBy: 'Requested by',
  reason: 'Reason',
  approvedBy: 'Approved by',
  took: 'From the announced time to the end',
  expected: 'expected',
  snapshot: 'Snapshot',
  noSnapshot: 'none taken',
  verified: 'verified',
  notVerified: 'not verified',
  whatHappened: 'What happened',
  timeline: 'Timeline',
  timelineHint: 'To scale. The bar is what a step took, the line beneath it what was expected.',
  stateMachine: 'The way taken',
  stateMachineHint: 'Blue: taken. Red: failed. Grey: not needed.',
  verification: 'Verification',
  database: 'Database',
  table: 'Table',
  rows: 'Rows',
  digest: 'Digest',
  result: 'Source and copy',
  equal: 'equal',
  different: 'different',
  unread: 'not read',
  differences: 'Differences',
  notCompared: 'Not compared',
  nothingCompared: 'Nothing was compared in this run.',
  resources: 'How everything stands',
  resource: 'Resource',
  state: 'State',
  plan: 'Plan',
  pendingUpdates: 'Pending system updates',
  warnings: 'Warnings',
  reasons: 'Reasons not to begin',
  none: 'none',
  mails: 'Mails',
  announcements: (sent, rounds) => `${sent} announcements and reminders accepted by SES in ${rounds} rounds.`,
  outcomeMails: (sent) => `${sent} mails about the outcome.`,
  sourceServer: 'Source',
  restoredServer: 'Restored copy',
  total: (tables, rows) =>
    `${tables.toLocaleString('en')} tables with ${rows.toLocaleString('en')} rows compared.`,
  steps: {},
};

const chinese: Labels = {
  title: '关闭报告',
  outcome: {
    succeeded: {
      headline: '已完全关闭',
      sentence: '备份已恢复、比对且完全一致，之后才关闭各项资源。无需处理。',
    },
    planned: { headline: '仅生成计划', sentence: '试运行：已检查全部资源，未做任何改动，也未通知任何人。' },
    'rolled-back': {
      headline: '已回滚：CRM 正常运行',
      sentence: '本次关闭已取消，已停止的服务均已重新启动。',
    },
    denied: { headline: '未获批准：未做任何改动', sentence: '本次运行未获批准。' },
    skipped: { headline: '已跳过：另一次运行正在进行', sentence: '本次运行未做任何改动。' },
    'partly-off': {
      headline: '部分关闭：需要处理',
      sentence: '备份安全，但未能关闭全部资源，各资源状态见下。',
    },
    failed: { headline: '失败：请查看', sentence: '本次运行未能完成，经过和各资源状态见下。' },
  },
  run: '运行编号',
  begun: '开始运行',
  announcedFor: '通知的关闭时间',
  closed: '结束时间',
  requestedBy: '申请人',
  reason: '原因',
  approvedBy: '审批人',
  took: '自通知时间至结束',
  expected: '预计',
  snapshot: '快照',
  noSnapshot: '未创建',
  verified: '已校验',
  notVerified: '未校验',
  whatHappened: '情况说明',
  timeline: '时间线',
  timelineHint: '按比例绘制。色条为实际用时，下方细线为预计用时。',
  stateMachine: '执行路径',
  stateMachineHint: '蓝色：已执行。红色：失败。灰色：未执行。',
  verification: '备份校验',
  database: '数据库',
  table: '表',
  rows: '行数',
  digest: '摘要',
  result: '源与副本',
  equal: '一致',
  different: '不一致',
  unread: '未读取',
  differences: '差异',
  notCompared: '未比对',
  nothingCompared: '本次运行未进行比对。',
  resources: '各资源状态',
  resource: '资源',
  state: '状态',
  plan: '计划',
  pendingUpdates: '待安装的系统更新',
  warnings: '警告',
  reasons: '不能开始的原因',
  none: '无',
  mails: '邮件',
  announcements: (sent, rounds) => `SES 已接受 ${rounds} 轮共 ${sent} 封通知和提醒邮件。`,
  outcomeMails: (sent) => `结果通知邮件 ${sent} 封。`,
  sourceServer: '源数据库',
  restoredServer: '恢复的副本',
  total: (tables, rows) =>
    `共比对 ${tables.toLocaleString('zh-CN')} 张表、${rows.toLocaleString('zh-CN')} 行。`,
  steps: {
    [StepName.plan]: '制定计划',
    [StepName.approval]: '等待审批',
    [StepName.announce]: '通知用户',
    [StepName.drain]: '等待用户退出',
    [StepName.updates]: '安装更新',
    [StepName.services]: '停止服务',
    [StepName.manifest]: '记录数据清单',
    [StepName.snapshot]: '创建快照',
    [StepName.restore]: '恢复测试实例',
    [StepName.verify]: '校验备份',
    [StepName.testInstance]: '删除测试实例',
    [StepName.database]: '停止数据库',
    [StepName.servers]: '停止服务器',
    [StepName.rollbackTestInstance]: '回滚：删除测试实例',
    [StepName.rollbackServices]: '回滚：启动服务',
    [StepName.rollbackMaintenance]: '回滚：结束维护模式',
    [StepName.report]: '结束运行',
  },
};

export function labelsOf(language: Language): Labels {
  return language === 'zh-CN' ? chinese : english;
}
