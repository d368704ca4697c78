import { isOn, isSeen } from '../attention.ts';
import type { Certificate } from '../certificate.ts';
import { isTouched, lostLock, type ReachedState } from '../outcome.ts';
import { NOT_THERE } from '../resources.ts';
import type { BackupStatus, SystemStatus, Verdict } from './labels.ts';

export type Mood = 'good' | 'care' | 'bad';

const MOODS: Record<Verdict, Mood> = {
  off: 'good',
  'off-unverified': 'care',
  'off-differs': 'bad',
  'off-late': 'care',
  'partly-off': 'bad',
  planned: 'good',
  'already-off': 'good',
  proved: 'good',
  'not-proved': 'bad',
  back: 'care',
  'back-differs': 'bad',
  denied: 'care',
  refused: 'care',
  skipped: 'care',
  'called-off': 'care',
  'not-begun': 'care',
  'lock-lost': 'bad',
  failed: 'bad',
};

/** What a person must know first: the outcome, seen together with what was looked at since. */
export function verdictOf(certificate: Certificate, state: ReachedState): { verdict: Verdict; mood: Mood } {
  const verdict = verdictFor(certificate, state);
  return { verdict, mood: MOODS[verdict] };
}

function verdictFor(
  { outcome, attention, verification, snapshot, run }: Certificate,
  state: ReachedState,
): Verdict {
  const clean = attention.length === 0;
  if (run.onlyProve === true && outcome === 'failed') return 'not-proved';
  switch (outcome) {
    case 'succeeded':
      if (!clean) return 'off-differs';
      // Never "restored and compared" without the evidence for it.
      return verification.equal === true && snapshot?.verified === true ? 'off' : 'off-unverified';
    case 'partly-off':
      return clean ? 'off-late' : 'partly-off';
    case 'rolled-back':
      return clean ? 'back' : 'back-differs';
    case 'failed':
      if (lostLock(state)) return 'lock-lost';
      return isTouched(state) ? 'failed' : 'not-begun';
    default:
      return outcome;
  }
}

/** Whether users can work, from what was looked at. */
export function systemStatus({ resources }: Certificate): SystemStatus {
  const core = resources.filter(({ kind }) => kind === 'database' || kind === 'server');
  if (core.length === 0 || !core.every(isSeen)) return 'unknown';
  if (core.every(({ state }) => state === 'stopped' || state === NOT_THERE)) return 'off';
  const locked = resources.some(({ kind, state }) => kind === 'maintenance' && state === 'on');
  const services = resources.filter(({ kind }) => kind === 'service');
  return [...core, ...services].every(isOn) && !locked ? 'on' : 'part';
}

export function backupStatus({ snapshot, verification, lastLook, alreadyOff }: Certificate): BackupStatus {
  // The backup of the run that had switched it off, and only while nothing was written since.
  if (alreadyOff?.startedSince === true) return 'outdated';
  if (alreadyOff !== undefined) return alreadyOff.verified ? 'verified' : 'unverified';
  if (snapshot === undefined) return 'none';
  if (!snapshot.confirmed) return 'begun';
  if (snapshot.verified) return 'verified';
  if (lastLook?.source?.outdated === true) return 'outdated';
  if (verification.equal === false) return 'different';
  return verification.policy === 'none' ? 'unverified' : 'taken';
}

export const BACKUP_MOODS: Record<BackupStatus, Mood | 'plain'> = {
  verified: 'good',
  unverified: 'care',
  different: 'bad',
  outdated: 'bad',
  taken: 'care',
  begun: 'care',
  none: 'plain',
};
