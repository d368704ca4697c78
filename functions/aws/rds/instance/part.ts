import { type DBInstance, DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { unlessAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';
import type { CopyPart, FoundCopy } from '../kind.ts';
import { STATE_REFUSALS } from '../power.ts';
import { INSTANCE_ON_THE_WAY } from '../status.ts';

/**
 * Asks for the deletion of an instance. RDS refuses it in some states (creating, modifying, backing up). These states pass, so the loop
 * tries again.
 */
export async function requestInstanceDeletion(identifier: string): Promise<void> {
  const deletion = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: identifier,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  });
  await unlessAwsError([...STATE_REFUSALS, 'DBInstanceNotFoundFault', 'DBInstanceNotFound'], () =>
    rds().send(deletion),
  );
}

/** The instance as a part of a copy. */
export function instancePart(instance: DBInstance): CopyPart {
  const identifier = instance.DBInstanceIdentifier ?? '';
  return {
    name: `instance ${identifier}`,
    identifier,
    status: instance.DBInstanceStatus ?? 'creating',
    tags: instance.TagList ?? [],
  };
}

/** The progress of an instance. Its storage is optimised for hours after the instance is ready for use. */
export function progressOfInstance(
  status: string,
  hasEndpoint: boolean,
): Exclude<FoundCopy['progress'], 'incomplete'> {
  if ((status === 'available' || status === 'storage-optimization') && hasEndpoint) return 'ready';
  return status === 'available' || INSTANCE_ON_THE_WAY.has(status) ? 'on the way' : 'ended';
}
