import { RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import type { SnapshotEvent } from '../../../../functions/steps/snapshot/handler.ts';
import { allowNothing, Bucket, execution, planned, standStill } from '../../fixtures.ts';

export const NOW = '2026-11-27T14:10:00.000Z';

export const rds = mockClient(RDSClient);

/** Before each test of a file: the run holds the lock, and RDS does only what the test allows. */
export function aboutToTake(): void {
  standStill(NOW);
  allowNothing(rds);
  beforeEach(() => {
    new Bucket().lock();
  });
}

/**
 * A call of the function.
 *
 * @param previous Answer of the call before.
 * @param parts Of the state, in place of a small system's.
 */
export const take = (previous?: object, parts: object = {}): SnapshotEvent =>
  ({
    action: 'take',
    execution,
    state: planned({ ...(previous === undefined ? {} : { backup: { snapshot: previous } }), ...parts }),
  }) as unknown as SnapshotEvent;
