import type { Volume } from '@aws-sdk/client-ec2';
import type { SystemConfig } from '../../contract/config.ts';
import type { Reason } from '../../contract/plan-state.ts';
import type { PlannedFiles } from '../../contract/volumes-state.ts';
import { keyFindings } from './keys.ts';

/** The reasons why the volumes to compare could not be restored under their sources' keys. Each key is asked for once. */
export async function volumeKeyReasons(
  config: SystemConfig,
  files: PlannedFiles,
  volumes: readonly Volume[],
): Promise<Reason[]> {
  const comparable = files.servers.flatMap((server) =>
    server.volumes
      .filter(({ notComparable }) => notComparable === undefined)
      .map(({ volumeId }) => ({ volumeId, name: `${volumeId} of ${server.name}` })),
  );
  const byKey = Map.groupBy(
    comparable,
    ({ volumeId }) => volumes.find((volume) => volume.VolumeId === volumeId)?.KmsKeyId,
  );
  const reasons: Reason[] = [];
  for (const [key, own] of byKey) {
    if (key === undefined) continue;
    const found = await keyFindings({
      key,
      named: config.files.kmsKeyArns,
      setting: 'files.kmsKeyArns',
      managedAlias: 'alias/aws/ebs',
      users: ['volumes'],
    });
    const resource = `volume${own.length === 1 ? '' : 's'} ${own.map(({ name }) => name).join(', ')}`;
    reasons.push(...found.map((finding) => ({ resource, ...finding })));
  }
  return reasons;
}
