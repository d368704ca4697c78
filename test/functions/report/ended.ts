import { DescribeDBSnapshotsCommand, DescribeEventsCommand } from '@aws-sdk/client-rds';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Redriven } from '../../../functions/contract/state.ts';
import { handler, type ReportEvent } from '../../../functions/report/handler.ts';
import { execution, IDENTIFIER, RUN_ID } from '../fixtures.ts';
import { folder } from './evidence.ts';
import type { partlyOff } from './runs.ts';
import { World } from './world.ts';

/** Key of the run's certificate. */
export const CERTIFICATE = `${folder}/certificate.json`;

/** "End the run" of a run: reached for the first time, or redriven so often. */
export function end(state: object, redriveCount: number): Promise<Redriven> {
  return handler({
    action: 'end',
    execution: { ...execution, redriveCount },
    state: { ...state, ended: { redriveCount: 0 } },
  } as ReportEvent) as Promise<Redriven>;
}

/** A run that was closed, with what RDS says of its snapshot and its events, and the runs that left evidence. */
export async function closed(run: ReturnType<typeof partlyOff>, others: string[] = []): Promise<World> {
  const world = new World(run);
  await world.close();
  world.rds.on(DescribeDBSnapshotsCommand).resolves({
    DBSnapshots: [{ DBSnapshotIdentifier: IDENTIFIER, Status: 'available' }],
  });
  world.rds.on(DescribeEventsCommand).resolves({ Events: [] });
  world.bucket.mock.on(ListObjectsV2Command).resolves({
    CommonPrefixes: [RUN_ID, ...others].map((id) => ({ Prefix: `runs/crm/${id}/` })),
  });
  return world;
}
