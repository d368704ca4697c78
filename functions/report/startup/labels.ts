import type { Language } from '../../contract/config.ts';
import type { StartupOutcome } from '../../contract/startup-state.ts';

/** The texts that only the report of a start-up has. The others are those of the shutdown's report. */
export interface StartupLabels {
  title: string;
  headline: Record<StartupOutcome, string>;
  sentence: Record<StartupOutcome, string>;
  tiles: { doors: string; data: string; promise: string };
  open: string;
  shut: string;
  data: Record<'equal' | 'accepted' | 'not-confirmed' | 'under way' | 'none', string>;
  noPromise: string;
  kept: string;
  late: (duration: string) => string;
  cycle: string;
  away: string;
  outAt: string;
  openedAt: string;
  promised: string;
  shutdownRun: string;
  snapshot: string;
  compared: (tables: number, rows: number) => string;
  chain: string;
  putAway: string;
  thisHalf: string;
  toDo: string;
  differences: string;
  servers: string;
  ready: string;
  health: string;
  check: string;
  lastAnswer: string;
  green: string;
  red: string;
  promiseMark: string;
}

const ENGLISH: StartupLabels = {
  title: 'Start-up report',
  headline: {
    succeeded: 'On and open',
    planned: 'Planned only',
    'already-on': 'On already: nothing was done',
    'partly-on': 'Not open: please act',
    refused: 'Refused: another run is under way',
    failed: 'Did not begin: nothing was started',
  },
  sentence: {
    succeeded: 'Database, servers and services were seen up, and users are let in.',
    planned: 'A dry run: everything was looked at, nothing was started, nobody was told.',
    'already-on': 'The run found everything running and users let in, and left it so.',
    'partly-on':
      'The start-up ended before users could be let in. What it had started stays on. What to do stands below.',
    refused: 'This run touched nothing. The other one goes on.',
    failed: 'The run found a reason not to begin. The system was left as it was.',
  },
  tiles: { doors: 'Users', data: 'Data', promise: 'Promise' },
  open: 'Let in',
  shut: 'Kept out',
  data: {
    equal: 'As they were put away',
    accepted: 'Accepted as they are',
    'not-confirmed': 'Not confirmed',
    'under way': 'Not confirmed',
    none: 'Not looked at',
  },
  noPromise: 'None was made',
  kept: 'Kept',
  late: (duration) => `${duration} late`,
  cycle: 'From shutdown to start-up',
  away: 'Users were kept out for',
  outAt: 'Users out since',
  openedAt: 'Open since',
  promised: 'Promised',
  shutdownRun: 'Shut down by run',
  snapshot: 'Its snapshot',
  compared: (tables, rows) =>
    `${tables} tables with ${rows.toLocaleString('en')} rows, restored and compared before the database was stopped`,
  chain: 'The chain of proof',
  putAway: 'First half: the shutdown',
  thisHalf: 'Second half: the start-up',
  toDo: 'What to do',
  differences: 'What differs from what was put away',
  servers: 'Servers',
  ready: 'running, status checks passed, agent online',
  health: 'Health checks',
  check: 'Check',
  lastAnswer: 'Last answer',
  green: 'green',
  red: 'not green',
  promiseMark: 'promised time',
};

const CHINESE: StartupLabels = {
  title: '启动报告',
  headline: {
    succeeded: '已启动并开放使用',
    planned: '仅制定计划',
    'already-on': '已处于运行状态：未做任何操作',
    'partly-on': '尚未开放：请处理',
    refused: '被拒绝：另一次运行正在进行',
    failed: '未能开始：未启动任何资源',
  },
  sentence: {
    succeeded: '已确认数据库、服务器和服务均已启动，用户可以登录。',
    planned: '试运行：查看了所有资源，未启动任何资源，也未通知任何人。',
    'already-on': '本次运行发现所有资源均在运行且用户可以登录，未做任何改动。',
    'partly-on': '启动在开放使用之前结束。已启动的资源保持运行。处理方法见下。',
    refused: '本次运行未做任何改动，另一次运行继续进行。',
    failed: '本次运行发现了不能开始的原因，系统保持原状。',
  },
  tiles: { doors: '用户', data: '数据', promise: '预计恢复时间' },
  open: '可以登录',
  shut: '无法登录',
  data: {
    equal: '与关闭时一致',
    accepted: '经同意按现状启动',
    'not-confirmed': '未确认',
    'under way': '未确认',
    none: '未查看',
  },
  noPromise: '未承诺',
  kept: '按时',
  late: (duration) => `晚 ${duration}`,
  cycle: '从关闭到启动',
  away: '用户无法登录的时长',
  outAt: '用户退出时间',
  openedAt: '开放时间',
  promised: '预计恢复时间',
  shutdownRun: '执行关闭的运行',
  snapshot: '该运行的快照',
  compared: (tables, rows) => `停止数据库之前已恢复并比对 ${tables} 个表、${rows.toLocaleString('zh-CN')} 行`,
  chain: '证据链',
  putAway: '前半部分：关闭',
  thisHalf: '后半部分：启动',
  toDo: '处理方法',
  differences: '与关闭时的差异',
  servers: '服务器',
  ready: '运行中，状态检查已通过，代理在线',
  health: '健康检查',
  check: '检查项',
  lastAnswer: '最后一次应答',
  green: '正常',
  red: '异常',
  promiseMark: '预计恢复时间',
};

export const startupLabelsOf = (language: Language): StartupLabels =>
  language === 'zh-CN' ? CHINESE : ENGLISH;
