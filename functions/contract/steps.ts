import { STARTUP_STEPS } from './startup-steps.ts';
import type { StepFacts } from './step-facts.ts';

export type { CallingState, Phase, StepFacts } from './step-facts.ts';

/**
 * The catalogue of a shutdown's steps, in order. Each fact about a step stands only here. The workflow's states and calls, the phases, the
 * critical path, the first guesses of durations, and the words of both languages follow from it. Facts about a function stand in
 * `functions.ts`.
 */
export const STEPS = {
  plan: {
    name: 'Plan',
    zh: '制定计划',
    function: 'plan',
    action: 'look',
    answer: '$',
    phase: 'before',
    expectedSeconds: 10,
  },
  approval: {
    name: 'Await approval',
    zh: '等待审批',
    function: 'approve',
    action: 'request',
    answer: '$.approval',
    phase: 'before',
  },
  announce: {
    name: 'Announce',
    zh: '通知用户',
    function: 'announce',
    action: 'announce',
    answer: '$.announcement',
    phase: 'before',
  },
  drain: {
    name: 'Drain sessions',
    zh: '等待用户退出',
    function: 'drain',
    action: 'drain',
    answer: '$.drain',
    phase: 'touched',
    expectedSeconds: 300,
    outage: { stage: 1, branch: 1 },
    sendsCommands: true,
  },
  updates: {
    name: 'Install updates',
    zh: '安装更新',
    function: 'update',
    action: 'install',
    answer: '$.updates',
    phase: 'touched',
    outage: { stage: 2, branch: 1 },
    sendsCommands: true,
  },
  services: {
    name: 'Stop services',
    zh: '停止服务',
    function: 'services',
    action: 'stop',
    answer: '$.services',
    phase: 'touched',
    expectedSeconds: 60,
    outage: { stage: 3, branch: 1 },
    sendsCommands: true,
  },
  manifest: {
    name: 'Record manifest',
    zh: '记录数据清单',
    function: 'manifest',
    action: 'record',
    answer: '$.backup.manifest',
    phase: 'touched',
    expectedSeconds: 60,
    outage: { stage: 4, branch: 1 },
    partOf: 'verification',
  },
  snapshot: {
    name: 'Take snapshot',
    zh: '创建快照',
    function: 'snapshot',
    action: 'take',
    answer: '$.backup.snapshot',
    phase: 'touched',
    expectedSeconds: 480,
    outage: { stage: 4, branch: 2 },
  },
  volumes: {
    name: 'Snapshot volumes',
    zh: '创建卷快照',
    function: 'volumes',
    action: 'snapshot',
    answer: '$.backup.volumes',
    phase: 'touched',
    expectedSeconds: 300,
    outage: { stage: 4, branch: 3 },
    partOf: 'files',
  },
  verifyVolumes: {
    name: 'Verify volumes',
    zh: '校验卷',
    function: 'volumes',
    action: 'verify',
    answer: '$.backup.volumesCheck',
    phase: 'touched',
    expectedSeconds: 120,
    outage: { stage: 4, branch: 3 },
    partOf: 'verification of files',
    sendsCommands: true,
  },
  testVolumes: {
    name: 'Delete test volumes',
    zh: '删除测试卷',
    function: 'volumes',
    action: 'delete',
    answer: '$.backup.testVolumes',
    phase: 'touched',
    expectedSeconds: 5,
    outage: { stage: 4, branch: 3 },
    partOf: 'verification of files',
  },
  restore: {
    name: 'Restore test instance',
    zh: '恢复测试实例',
    function: 'restore',
    action: 'restore',
    answer: '$.restore',
    phase: 'touched',
    expectedSeconds: 900,
    outage: { stage: 5, branch: 1 },
    partOf: 'verification',
  },
  verify: {
    name: 'Verify restore',
    zh: '校验备份',
    function: 'verify',
    action: 'compare',
    answer: '$.comparison',
    phase: 'touched',
    expectedSeconds: 120,
    outage: { stage: 6, branch: 1 },
    partOf: 'verification',
  },
  testInstance: {
    name: 'Delete test instance',
    zh: '删除测试实例',
    function: 'restore',
    action: 'delete',
    answer: '$.testInstance',
    phase: 'touched',
    expectedSeconds: 300,
    outage: { stage: 7, branch: 1 },
    partOf: 'verification',
  },
  confirmServices: {
    name: 'Confirm the services',
    zh: '确认服务仍已停止',
    function: 'services',
    action: 'confirm',
    answer: '$.servicesLook',
    phase: 'touched',
    expectedSeconds: 10,
    outage: { stage: 8, branch: 1 },
    sendsCommands: true,
  },
  confirmSource: {
    name: 'Confirm the source',
    zh: '确认源数据库未变',
    function: 'verify',
    action: 'confirm',
    answer: '$.sourceLook',
    phase: 'touched',
    expectedSeconds: 5,
    outage: { stage: 9, branch: 1 },
    partOf: 'verification',
  },
  liveSource: {
    name: 'Read the source again',
    zh: '再次读取源库',
    function: 'verify',
    action: 'explain',
    answer: '$.sourceLook',
    phase: 'touched',
    partOf: 'proof of the running system',
  },
  database: {
    name: 'Stop database',
    zh: '停止数据库',
    function: 'database',
    action: 'stop',
    answer: '$.off.database',
    phase: 'past',
    expectedSeconds: 360,
    outage: { stage: 10, branch: 1 },
  },
  servers: {
    name: 'Stop servers',
    zh: '停止服务器',
    function: 'servers',
    action: 'stop',
    answer: '$.off.servers',
    phase: 'past',
    expectedSeconds: 90,
    outage: { stage: 10, branch: 2 },
  },
  rollbackTestInstance: {
    name: 'Roll back: delete test instance',
    zh: '回滚：删除测试实例',
    function: 'restore',
    action: 'delete',
    answer: '$.rollback.testInstance',
    phase: 'rolling back',
  },
  rollbackTestVolumes: {
    name: 'Roll back: delete test volumes',
    zh: '回滚：删除测试卷',
    function: 'volumes',
    action: 'delete',
    answer: '$.rollback.testVolumes',
    phase: 'rolling back',
  },
  rollbackServices: {
    name: 'Roll back: start services',
    zh: '回滚：启动服务',
    function: 'services',
    action: 'start',
    answer: '$.rollback.services',
    phase: 'rolling back',
    sendsCommands: true,
  },
  rollbackMaintenance: {
    name: 'Roll back: end maintenance mode',
    zh: '回滚：结束维护模式',
    function: 'drain',
    action: 'end',
    answer: '$.rollback.maintenance',
    phase: 'rolling back',
    sendsCommands: true,
  },
  report: {
    name: 'Close the run',
    zh: '结束运行',
    function: 'report',
    action: 'close',
    answer: '$.report',
    phase: 'closing',
    expectedSeconds: 10,
    outage: { stage: 11, branch: 1 },
  },
} as const satisfies Record<string, StepFacts>;

/** What is added to the name of a step in a run that only proves a backup of the running system. */
export const OF_RUNNING_SYSTEM = ' (running system)';

/** Tells whether only a run that proves a backup of the running system comes to a state. */
export const isOfProof = (state: string): boolean =>
  state.includes(OF_RUNNING_SYSTEM) || state.startsWith(STEPS.liveSource.name);

const BOTH = { ...STEPS, ...STARTUP_STEPS } as const;

type StepKey = keyof typeof BOTH;

/** The names of the steps of both workflows, which are the names of the states. */
export const StepName = Object.fromEntries(Object.entries(BOTH).map(([key, { name }]) => [key, name])) as {
  [Key in StepKey]: (typeof BOTH)[Key]['name'];
};
export type StepName = (typeof StepName)[StepKey];
