import type { Language } from '../contract/config.ts';

/** The next step of a person, by the failure that ended the run (`functions/report/next-step.ts`). */
const NEXT_STEP_WORDS: Record<Language, Record<string, string>> = {
  en: {
    'find-writer':
      'Find what writes to the database although the services are stopped: a job, a timer, a socket, a person. Look at the database’s sessions, add it to the services of the system or stop it for the shutdown, then start a new run.',
    'look-at-backup':
      'Do not rely on this run’s snapshot. Start a new run: if its backup differs too, ask AWS Support, with the keys named under “Verification” and the snapshot’s name.',
    repair:
      'Run the same check on the source. If it finds the same damage there, repair it (an index: REINDEX), then start a new run.',
    reasons: 'Do what stands under “What happened”, then start a new run.',
    services:
      'Find out why the service does not stay stopped (its log, a socket, a timer, a watchdog), mend that, then start a new run.',
    'start-again': 'Nothing is broken. Start a new run when it is wanted.',
    mend: 'Mend the cause that stands under “What happened”, then start a new run.',
  },
  'zh-CN': {
    'find-writer':
      '请找出服务停止后仍在写入数据库的程序：作业、定时器、套接字或人员。查看数据库会话，将其加入系统的服务列表，或在关闭期间停止它，然后重新运行。',
    'look-at-backup':
      '请勿依赖本次运行的快照。请重新运行；如果备份再次不一致，请联系 AWS 支持团队，并提供“备份校验”中列出的行和快照名称。',
    repair:
      '请在源数据库上执行同样的检查。如果发现同样的损坏，请修复（例如对索引执行 REINDEX），然后重新运行。',
    reasons: '请按“情况说明”处理，然后重新运行。',
    services: '请查明服务为何没有保持停止状态（日志、套接字、定时器、看门狗），处理后重新运行。',
    'start-again': '没有任何损坏。需要时请重新运行。',
    mend: '请按“情况说明”消除原因，然后重新运行。',
  },
};

/** One sentence or two. */
export function nextStepInWords(step: string, language: Language): string {
  return NEXT_STEP_WORDS[language][step] ?? NEXT_STEP_WORDS[language]['mend'] ?? '';
}
