import { join } from 'node:path';
import { styleText } from 'node:util';
import { counted } from '../functions/contract/counted.ts';
import { differenceInWords, type ToldDifference } from '../functions/notices/difference-words.ts';
import type { EndedRun } from '../sandbox/rehearsal/run.ts';
import type { AnyOutcome } from '../sandbox/rehearsal/run-record.ts';
import { spanOf } from './wording.ts';

const HEADLINES: Record<AnyOutcome, string> = {
  succeeded: 'Completely off, and the backup is proved.',
  'already-off': 'Off already, by an earlier run: nothing was done.',
  planned: 'Planned only: nothing was touched.',
  proved: 'The backup of the running system is proved. Nothing was stopped.',
  'rolled-back': 'Rolled back: everything is on again.',
  denied: 'Denied: nothing was touched.',
  skipped: 'Held: nothing was touched, and no user was told.',
  'called-off': 'Called off by a hold: nothing was touched.',
  'partly-off': 'Partly off: a person is needed.',
  failed: 'Failed.',
  'already-on': 'On already: nothing was done.',
  'partly-on': 'Not open: a person is needed.',
  refused: 'Refused: another run is under way.',
};

const BACK = 'On again, as it was put away, and open.';

/** The summary of a rehearsal for people, in a few lines. */
export function summarise({ record, report, broken }: EndedRun, out: string): string {
  const good = ['succeeded', 'planned', 'proved', 'already-off', 'already-on'].includes(record.outcome);
  const isBack = record.action === 'startup' && record.outcome === 'succeeded';
  const { resources } = record;
  const count = (states: Record<string, string>): string => {
    const kinds = Map.groupBy(Object.values(states), (state) => state);
    return [...kinds].map(([state, all]) => `${all.length} ${state}`).join(', ');
  };
  const seconds = Math.round((Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000);
  const rows: [string, string][] = [
    ['Database', resources.database],
    ['Servers', count(resources.servers)],
    ['Services', count(resources.services)],
    ...(record.action === 'startup' ? dataOf(record) : backupOf(record)),
    ['Mails sent', String(record.mails)],
    ...(record.webhookMessages > 0
      ? ([['Rooms told', `${record.webhookMessages} messages by webhook`]] as [string, string][])
      : []),
    ...record.alarms.map((said, index): [string, string] => [index === 0 ? 'Alarms' : '', said]),
    ['Took', `${spanOf(seconds)} of simulated time${record.action === 'startup' ? '' : ', notice included'}`],
    ['Report', report ?? 'none was written'],
    ['Everything', join(out, '')],
  ];
  const error = record.error === undefined || good ? [] : [`  ${record.error.name}: ${record.error.message}`];
  return [
    '',
    styleText(broken.length > 0 || !good ? 'red' : 'green', isBack ? BACK : HEADLINES[record.outcome]),
    ...error,
    ...rows.map(([label, value]) => `  ${label.padEnd(14)} ${value}`),
    '',
  ].join('\n');
}

/** What is proved of the backup. */
function backupOf(record: EndedRun['record']): [string, string][] {
  const { snapshot, verification, resources } = record;
  return [
    [
      'Snapshot',
      snapshot === undefined
        ? 'none'
        : `${snapshot.identifier} (${snapshot.verified ? 'verified' : 'not verified'})`,
    ],
    ['Volumes', volumesOf(record)],
    [
      'Compared',
      verification === undefined
        ? 'nothing'
        : `${counted(verification.tables, 'table')}, ${counted(verification.rows, 'row')}: ${verification.equal ? 'equal' : counted(verification.differences.length, 'difference')}`,
    ],
    ...(verification?.differences ?? [])
      .slice(0, 5)
      .map((difference): [string, string] => ['', differenceInWords(difference as ToldDifference, 'en')]),
    ['Test instance', resources.testInstances.length === 0 ? 'gone' : resources.testInstances.join(', ')],
  ];
}

/** Of a start-up: whether what came back is what was put away, and whether users are in. */
function dataOf({ confirmation, promise, backAt, resources }: EndedRun['record']): [string, string][] {
  const seconds =
    promise === undefined || backAt === undefined ? 0 : (Date.parse(backAt) - Date.parse(promise)) / 1000;
  return [
    [
      'Data',
      confirmation === undefined
        ? 'not compared'
        : confirmation.equal
          ? `${counted(confirmation.tables, 'table')}, ${counted(confirmation.rows, 'row')}: as they were put away`
          : confirmation.accepted === undefined
            ? 'not confirmed'
            : `accepted as they are: ${confirmation.accepted.reason}`,
    ],
    ['Users', resources.maintenance ? 'kept out' : 'let in'],
    ...(promise === undefined || backAt === undefined
      ? []
      : ([['Promise', seconds > 60 ? `${spanOf(seconds)} late` : 'kept']] as [string, string][])),
  ];
}

function volumesOf({ files }: EndedRun['record']): string {
  const snapshots = files?.snapshots ?? [];
  if (snapshots.length === 0) return 'no snapshots';
  const servers = new Set(snapshots.map((snapshot) => snapshot.server)).size;
  const taken = `${counted(snapshots.length, 'snapshot')} of ${counted(servers, 'server')}, completed`;
  const verification = files?.verification;
  if (verification === undefined) return taken;
  const compared = verification.compared.reduce((sum, part) => sum + part.files, 0);
  return `${taken}; ${counted(compared, 'restored file')}: ${verification.equal ? 'equal' : 'different'}`;
}
