import type { AlreadyOff } from '../contract/already-off.ts';
import type { Language } from '../contract/config.ts';
import type { RunKind } from '../contract/run-kinds.ts';
import type { AskedBy } from './requester.ts';
import type { Words } from './words.ts';

/** What a run tells. */
export type RunNoticeKind =
  | ProofNoticeKind
  | 'announcement'
  | 'emergency'
  | 'reminder'
  | 'approval-request'
  | 'shut-down'
  | 'already-off'
  | 'rolled-back'
  | 'called-off'
  | 'not-begun'
  | 'partly-off';

/** What a run that only proves a backup tells. */
export type ProofNoticeKind = 'proved' | 'not-proved';

/** What a start-up tells. */
export type StartupNoticeKind =
  | 'back'
  | 'late'
  | 'started-up'
  | 'already-on'
  | 'partly-on'
  | 'startup-not-begun';

/** Notices of the watch to the operators after a shutdown. */
export type WatchNoticeKind = 'kept-stopped' | 'started-by-hand' | 'swept' | 'retained';

/** What the planner tells the operators: a time of the schedule that nothing runs at. */
export type ScheduleNoticeKind = 'schedule-missed' | 'schedule-skipped';

export type NoticeKind = RunNoticeKind | StartupNoticeKind | WatchNoticeKind | ScheduleNoticeKind;

/** The facts of a notice: names, times and counts. `texts.ts` renders them in each language. */
export interface NoticeFacts extends Partial<AskedBy> {
  runId: string;
  /** Name of the system, for the mail's headers. */
  system: string;
  /** What people call it. */
  displayName: string;
  timeZone: string;
  /** When the shutdown begins, ISO 8601. */
  at?: string;
  /** The return time that users were told, ISO 8601. Absent: it will be announced. */
  backAt?: string;
  /** When users were let in again, ISO 8601. */
  openedAt?: string;
  /** Of a start-up that ended early: users may be in already. */
  doorsOpen?: boolean;
  /** Of a start-up: whether what came back is what was put away. */
  confirmation?: Record<Language, string>;
  /** Of a time of the schedule: what was to begin at `at`. */
  scheduled?: RunKind;
  /** Why it does not, a sentence. */
  why?: Record<Language, string>;
  /** From `at` until everything is off, in seconds. */
  expectedSeconds?: number;
  /** The real duration, in seconds. */
  actualSeconds?: number;
  reason?: string;
  /** The error's name and what it says. */
  error?: string;
  cause?: string;
  /** How the execution ended, if it did not close its run itself and `cause` does not say so. */
  interrupted?: string;
  /** Resources and their states. */
  resources?: { name: string; state: string }[];
  snapshot?: string;
  /** Proof that the system was off before the run. */
  alreadyOff?: AlreadyOff;
  tables?: number;
  rows?: number;
  /** The place of the report. */
  report?: string;
  /** The deadline for an approval, ISO 8601. */
  expiresAt?: string;
  /** How many different people have to approve. */
  approvalsNeeded?: 1 | 2;
  /** The plan's warnings. */
  warnings?: string[];
  /** Name of the execution, by which an approver answers. */
  execution?: string;
  /** Commands by which a person finishes what the run could not do. */
  byHand?: string[];
  /** The command that switches off what is left. */
  finish?: string;
  /** Who asked to switch off what the shutdown had left on, which is off now. */
  finishedBy?: string;
  /** The findings of the last look before the point of no return. */
  lastLook?: Record<Language, string[]>;
  /** Of a backup of the running system: what was written meanwhile, a sentence each. */
  live?: Record<Language, string[]>;
  /** The differences of copy and source, a line each. */
  differences?: Record<Language, string[]>;
  /** The next step of a person. */
  nextStep?: Record<Language, string>;
  /** Further failures, a sentence each. */
  problems?: Words[];
  /** The run was told not to verify its backup, so no notice may say that it is checked. */
  unverified?: boolean;
  /** Resources that were found started, `database crm-db` … */
  started?: string[];
  /** The principal that started them, as CloudTrail says. Absent when it is not known. */
  startedBy?: string;
  /** RDS itself started the database, after seven days. */
  forced?: boolean;
  /** No time in advance, and nobody is waited for. */
  emergency?: boolean;
  /** The policy says that it is stopped again. */
  stoppedAgain?: boolean;
  /** A person had stopped the shutdown on its way. */
  aborted?: boolean;
  /** The system had been down, and is up again. */
  availableAgain?: boolean;
}

/** A notice's content in one language: a heading, sentences, facts. Text and HTML are made from it. */
export interface NoticeText {
  subject: string;
  heading: string;
  paragraphs: string[];
  facts: { label: string; value: string }[];
  closing: string;
}

/** A time in the system's zone, with the zone named: `2026-11-27 22:00 (Asia/Shanghai, GMT+8)`. */
export function localTime(iso: string, timeZone: string, language: Language): string {
  const date = new Date(iso);
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(date);
  const part = (type: string): string => parts.find((entry) => entry.type === type)?.value ?? '';
  const weekday = new Intl.DateTimeFormat(language, {
    timeZone,
    weekday: language === 'zh-CN' ? 'short' : 'long',
  }).format(date);
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(date)
    .find((entry) => entry.type === 'timeZoneName')?.value;
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  const time = `${part('hour')}:${part('minute')}`;
  return language === 'zh-CN'
    ? `${day}（${weekday}）${time}（${timeZone}，${offset}）`
    : `${weekday}, ${day} ${time} (${timeZone}, ${offset})`;
}

/** `1 h 25 min`, `25 min`, `45 s`; in Chinese `1 小时 25 分钟`. */
export function duration(seconds: number, language: Language): string {
  const unit = language === 'zh-CN' ? { h: ' 小时', m: ' 分钟', s: ' 秒' } : { h: ' h', m: ' min', s: ' s' };
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${unit.s}`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${minutes}${unit.m}`;
  return rest === 0 ? `${hours}${unit.h}` : `${hours}${unit.h} ${rest}${unit.m}`;
}
