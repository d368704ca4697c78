import { counted } from '../../contract/counted.ts';
import { html } from '../../contract/html.ts';
import { OF_RUNNING_SYSTEM } from '../../contract/steps.ts';
import { duration } from '../../notices/notice.ts';
import type { Labels } from './labels.ts';

const number = (value: number): string => value.toLocaleString('en');

export const englishLabels: Labels = {
  title: 'Shutdown report',
  titleOfProof: 'Backup report',
  verdict: {
    off: {
      headline: 'Completely off',
      sentence: 'The backup was restored, compared and found equal before anything was switched off.',
    },
    'off-unverified': {
      headline: 'Off, backup not verified',
      sentence:
        'A snapshot was taken. It was not restored and compared: this run was told not to (verification "none").',
    },
    'off-differs': {
      headline: 'Shut down, but not everything is off now',
      sentence:
        'The run switched everything off and saw it off. Since then something has changed: see below.',
    },
    'off-late': {
      headline: 'Off, later than the run waited',
      sentence: 'Something was still on when the run gave up waiting; by now everything is off.',
    },
    'partly-off': {
      headline: 'Partly off: please act',
      sentence:
        'The database had its backup, but not everything could be switched off. What to do stands below.',
    },
    planned: {
      headline: 'Planned only',
      sentence: 'A dry run: everything was looked at, nothing was touched, nobody was told.',
    },
    back: {
      headline: 'Rolled back: the CRM is up',
      sentence: 'The shutdown was called off and everything that had been stopped was started again.',
    },
    'back-differs': {
      headline: 'Rolled back, but not everything is up',
      sentence:
        'The run started what it had stopped and saw it up. Since then something has changed: see below.',
    },
    denied: {
      headline: 'Not approved: nothing was touched',
      sentence: 'Somebody said no, or nobody said yes in time.',
    },
    refused: {
      headline: 'Refused: another run is under way',
      sentence: 'This run touched nothing. The other one goes on.',
    },
    skipped: {
      headline: 'Held: nothing was touched',
      sentence: 'A hold covers the time at which users were to be out. No user was told of it.',
    },
    'called-off': {
      headline: 'Called off: nothing was touched',
      sentence:
        'A hold covers the time at which users were to be out. Users who had been told were told that it does not take place.',
    },
    'already-off': {
      headline: 'Off already: nothing was done',
      sentence:
        'A run before this one had switched everything off, and it was found so. The proof of the backup is that run’s.',
    },
    proved: {
      headline: 'The backup is proved',
      sentence:
        'A snapshot of the running system’s database was restored and compared with the source. Nothing was stopped, and no user was told.',
    },
    'not-proved': {
      headline: 'The backup is not proved',
      sentence: 'The run ended early: why stands below. Nothing was stopped, and no user was told.',
    },
    'not-begun': {
      headline: 'Did not begin: nothing was touched',
      sentence: 'The run found a reason not to begin. The CRM was left as it was.',
    },
    'lock-lost': {
      headline: 'Failed: this run no longer held the lock',
      sentence:
        'It had been stopped and cleaned up before, and was continued. It left the CRM to those who have it now: how everything stands is below.',
    },
    failed: {
      headline: 'Failed: please act',
      sentence:
        'The run could not bring everything back by itself. How everything stands and what to do is below.',
    },
  },
  tiles: {
    system: 'The CRM now',
    backup: 'Backup of this run',
    earlierBackup: 'Backup of the earlier run',
    toDo: 'To do',
  },
  system: { off: 'Off', on: 'On', part: 'Partly on', unknown: 'Could not be looked at' },
  backup: {
    verified: 'Verified',
    unverified: 'Taken, not verified (as told)',
    different: 'Different from the source',
    outdated: 'Older than the source',
    taken: 'Taken, not verified',
    begun: 'Begun, not seen complete',
    none: 'None taken',
  },
  nothingToDo: 'Nothing',
  toDo: (points) => counted(points, 'point below', 'points below'),
  attention: {
    'still-on': ({ resource, state }) => `${resource} is "${state}": it should be off.`,
    'still-off': ({ resource, state }) => `${resource} is "${state}": it should be on.`,
    'not-seen': ({ resource, state }) => `${resource} ${state}: please look.`,
    'test-instance': ({ resource, state }) => `${resource} is left ("${state}"): it costs money, delete it.`,
    'test-volume': ({ resource, state }) => `${resource} is left ("${state}"): it costs money, delete it.`,
    maintenance: () => 'Maintenance mode is still on: remove the flag file, or users stay locked out.',
  },
  byHand: 'By hand:',
  incomplete: 'A part of the closing could not be done:',
  noMailAccepted: 'No mail about the outcome was accepted: tell people yourself.',

  runTitle: 'The run',
  run: 'Run',
  begun: 'Run begun',
  announcedFor: 'Announced for',
  plannedFor: 'Planned for',
  closed: 'Closed',
  requestedBy: 'Requested by',
  reason: 'Reason',
  approvedBy: 'Approved by',
  cleanedUpBy: 'Closed by CleanUp',
  tookInAll: 'Took',
  took: 'From the announced time',
  expected: 'expected',
  snapshot: 'Snapshot',
  noSnapshot: 'none taken',
  verified: 'verified',
  notVerified: 'not verified',
  notConfirmed: 'begun, not seen complete: look in RDS',
  policyNone: 'Verification was "none" for this run, on record here.',
  execution: 'Execution',
  configuration: 'Configuration, version',
  version: 'Lights Out, version',

  whatHappened: 'What happened',
  timeline: 'Timeline',
  timelineHint:
    'To scale; bars above each other ran at the same time. Bar: what a step took. Line beneath: what was expected.',
  fromAnnounced: 'From the announced time on, enlarged',
  noHistory: 'The history of the execution could not be read, so there is no timeline.',
  announcedMark: 'announced time',
  noReturnMark: 'point of no return',
  step: 'Step',
  tries: (attempts) => `${attempts} tries`,
  underWay: 'under way',
  writesThis: 'wrote this report',
  failed: 'failed',
  stateMachine: 'The way taken',
  stateMachineHint: 'Loops are part of their step. This report was written in the last blue state.',
  legend: { taken: 'taken', failed: 'failed', notTaken: 'not taken', caught: 'way of the error' },

  verification: 'Verification',
  table: 'Table',
  rows: 'Rows',
  digest: 'Digest',
  result: 'Source and copy',
  equal: 'equal',
  different: 'different',
  unread: 'not read',
  copyHas: (rows) => `copy: ${number(rows)}`,
  differences: 'Differences',
  lastLook: 'The last look before the point of no return',
  live: 'What was written meanwhile',
  writtenMeanwhile: 'written to meanwhile',
  notCompared: 'Not compared',
  engineCheck: (method, objects, problems) =>
    method === 'none'
      ? "The engine's own check of the copy was not possible."
      : `The engine's own check of the copy, ${method}: ${counted(objects, 'object', 'objects')}, ${problems === 0 ? 'no damage' : `damage in ${number(problems)}`}.`,
  damage: 'Damage found in the copy',
  notChecked: 'Not checked by the engine',
  nothingCompared: 'Nothing was compared in this run.',
  sourceServer: 'Source',
  restoredServer: 'Restored copy',
  serverStarted: 'started',
  total: (tables, rows) =>
    `${counted(tables, 'table', 'tables')} with ${counted(rows, 'row', 'rows')} compared.`,

  volumes: {
    title: 'Files: snapshots of the volumes',
    server: 'Server',
    volume: 'Volume',
    size: 'GiB',
    boot: 'boot',
    taken: (snapshots) => `${counted(snapshots, 'snapshot', 'snapshots')}, each seen completed.`,
    begun: 'Begun, not seen complete: look at Snapshots in the EC2 console.',
    notBegun: 'None was taken in this run.',
    policyNone: 'The system’s files are not backed up (files.backup "none"), on record here.',
    notCovered: 'Not covered',
    fileSystem: 'File system',
    files: 'Files',
    compared: ({ volumes, files, contents }) =>
      `Restored and compared: ${counted(volumes, 'volume', 'volumes')} with ${counted(files, 'file', 'files')}, by name, size, owner and time${contents ? ', and by content' : ''}.`,
    differs: 'The restored files differ from the source.',
    strayWrite: 'somebody wrote to the source after the services had stopped',
  },

  resources: 'How everything stands',
  resource: 'Resource',
  state: 'State',
  lastSeen: 'last seen by the run',
  rollback: 'Roll back',
  rollbackParts: {
    testInstance: 'Delete the test instance',
    testVolumes: 'Delete the test volumes',
    services: 'Start the services',
    maintenance: 'End maintenance mode',
  },
  done: 'done',
  notDone: 'not done',

  plan: 'Plan',
  noPlan: 'The run ended before it had a plan.',
  database: 'Database',
  databaseFacts: ({ version, instanceClass, storageGib }) =>
    `${version}, ${instanceClass}, ${number(storageGib)} GiB`,
  databases: ({ count: databases, tables, bytes, sessions }) =>
    `${counted(databases, 'database', 'databases')} with ${counted(tables, 'table', 'tables')}, ${bytes}; ${counted(sessions, 'session', 'sessions')} of users at planning time`,
  contents: 'Contents',
  pendingUpdates: 'Pending system updates',
  warnings: 'Warnings',
  reasons: 'Reasons not to begin',
  none: 'none',

  mails: 'Notices',
  mailKinds: {
    announcement: 'Announcement',
    emergency: 'Emergency, to operators',
    reminder: 'Reminder',
    'approval-request': 'Request for approval',
    proved: 'Outcome, to operators',
    'not-proved': 'Outcome, to operators',
    'shut-down': 'Outcome, to operators',
    'already-off': 'Outcome, to operators',
    'rolled-back': 'Outcome, to operators',
    'called-off': 'Called off, to users',
    'not-begun': 'Outcome, to operators',
    'partly-off': 'Outcome, to operators',
  },
  mailKind: 'Mail',
  subject: 'Subject',
  announcements: (sent, rounds) =>
    `${counted(sent, 'announcement or reminder', 'announcements and reminders')} accepted by their channels (${rounds.map((minutes) => duration(minutes * 60, 'en')).join(', ')} before).`,
  outcomeMails: (sent) =>
    sent === undefined
      ? 'The notices about the outcome were being sent when this was written.'
      : `${counted(sent, 'notice', 'notices')} about the outcome accepted by their channels.`,
  noMails: 'Nobody was told.',

  evidence: 'Where the evidence lies',
  evidenceHint: 'The bucket keeps every version.',
  files: {
    certificate: 'Certificate: snapshot, compared tables, final states',
    plan: 'Plan',
    announcement: 'Announcements',
    servicesBefore: 'Services before the run',
    sourceManifest: 'Manifest of the source',
    restoredManifest: 'Manifest of the copy',
    verification: 'Comparison',
    lastLook: 'The last look at the source',
    volumes: 'Snapshots of the volumes',
    filesSource: 'Files of the source: digests and counts',
    filesVerification: 'Comparison of the files',
    report: 'This report',
  },
  problems: 'What could not be done while closing',
  writtenAt: (time) => `Written by Lights Out, ${time}.`,

  steps: {},
  ofRunningSystem: OF_RUNNING_SYSTEM,
  states: {},

  original: (text) => html`${text}`,
  resourceName: (name) => name,
  stateName: (state) => state,
  error: (name) => html`<code class="error">${name}</code>`,
};
