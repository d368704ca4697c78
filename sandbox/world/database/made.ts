import type { DatabaseServer, EngineFacts } from './database-server.ts';

/** What only the world can say of a new instance or cluster. */
export interface Made {
  identifier: string;
  arn: string;
  resourceId: string;
  server: DatabaseServer;
  engine: EngineFacts;
  now: number;
}
