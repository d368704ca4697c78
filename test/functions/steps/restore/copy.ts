import { RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, vi } from 'vitest';
import type { RestoreEvent } from '../../../../functions/steps/restore/handler.ts';
import { allowNothing, Bucket, execution, IDENTIFIER, planned, standStill, tagsOf } from '../../fixtures.ts';

export const NOW = '2026-11-27T14:20:00.000Z';
/** The security group that a copy is alone in. */
export const GROUP = 'sg-0fedcba9876543210';
export const tagsOfAnotherRun = tagsOf('other');

export const rds = mockClient(RDSClient);

/** Before each test of a file: the run holds the lock, and RDS does only what the test allows. */
export function aboutToCopy(): void {
  standStill(NOW);
  allowNothing(rds);
  beforeEach(() => {
    vi.stubEnv('TEST_SECURITY_GROUP_ID', GROUP);
    new Bucket().lock();
  });
}

/** A call of the function. @param parts Of the state, in place of a small system's whose snapshot was taken. */
export const event = (action: RestoreEvent['action'], parts: object = {}): RestoreEvent =>
  ({
    action,
    execution,
    state: planned({ backup: { snapshot: { identifier: IDENTIFIER } }, ...parts }),
  }) as unknown as RestoreEvent;
