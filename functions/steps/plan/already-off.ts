import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import type { AlreadyOff } from '../../contract/already-off.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { readIntent } from '../../guard/intent.ts';
import { type CertifiedSnapshot, isProved } from '../../guard/proof.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/**
 * Tells whether an earlier run switched the system off and it still is off. Database and every server must be seen `stopped`, and that
 * run's proved snapshot must be in RDS. A system that is half off, or was switched off by others, is left to the plan, which refuses with
 * its reasons.
 */
export async function lookWhetherOff(config: SystemConfig): Promise<AlreadyOff | undefined> {
  const intent = (await readIntent(config.name))?.value;
  if (intent?.wanted !== 'off' || intent.run === undefined) return undefined;
  const kind = databaseKindOf(config);
  if ((await kind.status(config.database.identifier)) !== 'stopped') return undefined;
  const states = await serverStates(config);
  if (![...states.values()].every((state) => state === 'stopped')) return undefined;
  const certificate = (
    await readEvidence<CertifiedSnapshot>(EvidenceKey.certificate(config.name, intent.run.id))
  )?.value;
  const snapshot = certificate?.snapshot;
  if (certificate === undefined || snapshot === undefined || !isProved(certificate)) return undefined;
  if ((await kind.findSnapshot(snapshot.identifier))?.status !== 'available') return undefined;
  return {
    run: intent.run.id,
    since: intent.since,
    snapshot: snapshot.identifier,
    verified: snapshot.verified,
    seenAt: new Date(Date.now()).toISOString(),
    startedSince: intent.stoppedAgain > 0 || intent.seenTo !== undefined,
  };
}
