import type { Html } from '../../contract/html.ts';
import { OF_RUNNING_SYSTEM, type StepName } from '../../contract/steps.ts';
import type { RunNoticeKind } from '../../notices/notice.ts';
import type { Attention } from '../attention.ts';

/** How a run ended, as a person has to understand it: finer than the outcome where the outcome alone would mislead. */
export type Verdict =
  | 'off'
  | 'off-unverified'
  | 'off-differs'
  | 'off-late'
  | 'partly-off'
  | 'planned'
  | 'already-off'
  | 'proved'
  | 'not-proved'
  | 'back'
  | 'back-differs'
  | 'denied'
  | 'refused'
  | 'skipped'
  | 'called-off'
  | 'not-begun'
  | 'lock-lost'
  | 'failed';

export type SystemStatus = 'off' | 'on' | 'part' | 'unknown';
export type BackupStatus = 'verified' | 'unverified' | 'different' | 'outdated' | 'taken' | 'begun' | 'none';

/** Every fixed text of the report, in one language. */
export interface Labels {
  title: string;
  titleOfProof: string;
  verdict: Record<Verdict, { headline: string; sentence: string }>;
  tiles: { system: string; backup: string; earlierBackup: string; toDo: string };
  system: Record<SystemStatus, string>;
  backup: Record<BackupStatus, string>;
  nothingToDo: string;
  toDo: (points: number) => string;
  attention: Record<Attention['kind'], (item: { resource: string; state: string }) => string>;
  byHand: string;
  incomplete: string;
  noMailAccepted: string;

  runTitle: string;
  run: string;
  begun: string;
  announcedFor: string;
  plannedFor: string;
  closed: string;
  requestedBy: string;
  reason: string;
  approvedBy: string;
  cleanedUpBy: string;
  took: string;
  tookInAll: string;
  expected: string;
  snapshot: string;
  noSnapshot: string;
  verified: string;
  notVerified: string;
  notConfirmed: string;
  policyNone: string;
  execution: string;
  configuration: string;
  version: string;

  whatHappened: string;
  timeline: string;
  timelineHint: string;
  fromAnnounced: string;
  noHistory: string;
  announcedMark: string;
  noReturnMark: string;
  step: string;
  tries: (attempts: number) => string;
  underWay: string;
  /** Of the step that writes the report. */
  writesThis: string;
  failed: string;
  stateMachine: string;
  stateMachineHint: string;
  legend: { taken: string; failed: string; notTaken: string; caught: string };

  verification: string;
  table: string;
  rows: string;
  digest: string;
  result: string;
  equal: string;
  different: string;
  unread: string;
  copyHas: (rows: number) => string;
  differences: string;
  lastLook: string;
  live: string;
  writtenMeanwhile: string;
  notCompared: string;
  engineCheck: (method: string, objects: number, problems: number) => string;
  damage: string;
  notChecked: string;
  nothingCompared: string;
  sourceServer: string;
  restoredServer: string;
  serverStarted: string;
  total: (tables: number, rows: number) => string;

  volumes: {
    title: string;
    server: string;
    volume: string;
    size: string;
    boot: string;
    taken: (snapshots: number) => string;
    begun: string;
    notBegun: string;
    policyNone: string;
    notCovered: string;
    fileSystem: string;
    files: string;
    /** Of the comparison; `contents`: what the files contain was compared too. */
    compared: (facts: { volumes: number; files: number; contents: boolean }) => string;
    differs: string;
    strayWrite: string;
  };

  resources: string;
  resource: string;
  state: string;
  lastSeen: string;
  rollback: string;
  rollbackParts: { testInstance: string; testVolumes: string; services: string; maintenance: string };
  done: string;
  notDone: string;

  plan: string;
  noPlan: string;
  database: string;
  databaseFacts: (facts: { version: string; instanceClass: string; storageGib: number }) => string;
  databases: (facts: { count: number; tables: number; bytes: string; sessions: number }) => string;
  contents: string;
  pendingUpdates: string;
  warnings: string;
  reasons: string;
  none: string;

  mails: string;
  mailKinds: Record<RunNoticeKind, string>;
  mailKind: string;
  subject: string;
  announcements: (sent: number, rounds: number[]) => string;
  outcomeMails: (sent: number | undefined) => string;
  noMails: string;

  evidence: string;
  evidenceHint: string;
  files: Record<EvidenceFile, string>;
  problems: string;
  writtenAt: (time: string) => string;

  steps: Partial<Record<StepName, string>>;
  /** Of a step in a run that only proves a backup. */
  ofRunningSystem: string;
  /** States of the workflow that are no steps; one that is not listed is shown by its own name. */
  states: Record<string, string>;

  /** A text that exists in English alone, as HTML: in another language marked as the original. */
  original: (text: string) => Html;
  /** `server web-1` and `stopped`, in the reader's words. */
  resourceName: (name: string) => string;
  stateName: (state: string) => string;
  /** What an error means, as HTML, with its name for whoever looks it up. */
  error: (name: string) => Html;
}

export type EvidenceFile =
  | 'certificate'
  | 'plan'
  | 'announcement'
  | 'servicesBefore'
  | 'sourceManifest'
  | 'restoredManifest'
  | 'verification'
  | 'lastLook'
  | 'volumes'
  | 'filesSource'
  | 'filesVerification'
  | 'report';

/** What a state of the workflow is called. */
export function stateLabel(labels: Labels, name: string): string {
  const known = labels.states[name];
  if (known !== undefined) return known;
  const [step, variant] = name.endsWith(OF_RUNNING_SYSTEM)
    ? [name.slice(0, -OF_RUNNING_SYSTEM.length), labels.ofRunningSystem]
    : [name, ''];
  const words = Object.entries(labels.steps).find(([one]) => one === step)?.[1];
  return words === undefined ? name : `${words}${variant}`;
}
