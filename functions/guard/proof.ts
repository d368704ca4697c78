import { databaseKindOf } from '../aws/rds/kinds.ts';
import type { SystemConfig } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey, resourceName } from '../contract/keys.ts';
import { readEvidence } from '../runtime/evidence.ts';

/** The part of a run's certificate that the proof needs. */
export interface CertifiedSnapshot {
  run?: { onlyProve?: true };
  snapshot?: { identifier: string; confirmed: boolean; verified: boolean };
  verification: { policy: 'full' | 'none' };
}

/**
 * What a verified snapshot is of: a system that was put away, whole, or one in use, of which some tables may not have been compared. A
 * snapshot of one kind never takes the place of one of the other.
 */
export type SnapshotKind = 'shutdown' | 'proof';

/** What a run's verified snapshot is of, by its certificate. Undefined when the run verified none, or its certificate is gone. */
export async function verifiedKindOf(system: string, runId: string): Promise<SnapshotKind | undefined> {
  const certificate = (await readEvidence<CertifiedSnapshot>(EvidenceKey.certificate(system, runId)))?.value;
  const snapshot = certificate?.snapshot;
  if (snapshot?.verified !== true || snapshot.identifier !== resourceName(system, runId)) return undefined;
  return certificate?.run?.onlyProve === true ? 'proof' : 'shutdown';
}

/** Tells whether a run's certificate proves its snapshot, or says that the run was told not to verify. */
export function isProved({ snapshot, verification }: CertifiedSnapshot): boolean {
  return snapshot?.confirmed === true && (snapshot.verified || verification.policy === 'none');
}

/**
 * Invariant 1, after the run. The database is stopped again only while the shutdown's proved snapshot is on record and in RDS.
 *
 * @throws LightsOutError `VerificationImpossible` naming what is missing.
 */
export async function requireProof(config: SystemConfig, runId: string): Promise<void> {
  const key = EvidenceKey.certificate(config.name, runId);
  const certificate = (await readEvidence<CertifiedSnapshot>(key))?.value;
  if (certificate === undefined) throw unproved(config, `the certificate ${key} is not there`);
  const identifier = certificate.snapshot?.identifier;
  if (identifier === undefined || !isProved(certificate))
    throw unproved(config, `the certificate ${key} names no proved snapshot`);
  const snapshot = await databaseKindOf(config).findSnapshot(identifier);
  if (snapshot?.status !== 'available')
    throw unproved(config, `its snapshot ${identifier} is ${snapshot?.status ?? 'not there any more'}`);
}

function unproved(config: SystemConfig, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.VerificationImpossible,
    `database ${config.database.identifier} is not stopped again: ${found}; expected the proved snapshot of the run that switched it off: ` +
      'release the system (lights-out release), start it, and let a new run shut it down',
  );
}
