import type { Volume } from '@aws-sdk/client-ec2';
import type { SystemConfig } from '../../contract/config.ts';
import type { Reason } from '../../contract/plan-state.ts';
import type { PlannedFiles } from '../../contract/volumes-state.ts';
import { isUnnamed, keyFindings } from './keys.ts';

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

/**
 * Warns of servers that a start-up may not start again: whoever starts one makes EC2 a grant of the keys of its volumes, the boot volume's among
 * them, and the start-up's role may do so only for the keys that the configuration names
 * (https://repost.aws/knowledge-center/kms-iam-ec2-permission). A warning and no reason: the policy of a key may allow it by itself.
 */
export async function startKeyWarnings(config: SystemConfig, volumes: readonly Volume[]): Promise<string[]> {
  const servers = new Map(config.servers.map(({ instanceId, name }) => [instanceId, name]));
  const attached = volumes.flatMap(({ KmsKeyId: key, Attachments = [] }) =>
    Attachments.flatMap(({ InstanceId = '' }) => {
      const server = servers.get(InstanceId);
      return key === undefined || server === undefined ? [] : [{ key, server }];
    }),
  );
  const warnings: string[] = [];
  for (const [key, own] of Map.groupBy(attached, (each) => each.key)) {
    if (!(await isUnnamed({ key, named: config.files.kmsKeyArns, managedAlias: 'alias/aws/ebs' }))) continue;
    const names = [...new Set(own.map(({ server }) => server))];
    warnings.push(
      `${names.length === 1 ? 'server' : 'servers'} ${names.join(', ')}: volumes lie under the customer managed key ${key}, which files.kmsKeyArns does not name, so the start-up may not start ${names.length === 1 ? 'it' : 'them'} again; name the key in systems.ts and deploy`,
    );
  }
  return warnings;
}
