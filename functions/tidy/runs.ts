import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { s3, sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { readEvidence } from '../shared/aws/evidence.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import { environmentVariable } from '../shared/environment.ts';

/** A run that the evidence knows. */
export interface KnownRun {
  id: string;
  /** When it began, in milliseconds since the epoch; its id says so to the minute. */
  startedAt: number;
}

/** A run is over for good when it ended so long ago, in milliseconds: until then its own roll back, or CleanUp, may be at work. */
const AGE = 2 * 3600_000;

const RUN_ID = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})-[0-9a-f]{8}$/;

/** Every run of the system that left evidence, newest first. What has none was not made by a run. */
export async function listRuns(system: string): Promise<KnownRun[]> {
  const Prefix = EvidenceKey.runs(system);
  const pages = paginateListObjectsV2(
    { client: s3() },
    { Bucket: environmentVariable(EnvironmentVariable.EvidenceBucket), Prefix, Delimiter: '/' },
  );
  const runs: KnownRun[] = [];
  for await (const page of pages) {
    for (const { Prefix: folder = '' } of page.CommonPrefixes ?? []) {
      const id = folder.slice(Prefix.length).replace(/\/$/, '');
      const [, year, month, day, hour, minute] = RUN_ID.exec(id) ?? [];
      if (year !== undefined)
        runs.push({ id, startedAt: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`) });
    }
  }
  return runs.sort((a, b) => b.startedAt - a.startedAt);
}

/** A run whose plan names no execution, or whose execution runs or has just ended, is not over. */
export async function isOver(system: string, runId: string): Promise<boolean> {
  const plan = await readEvidence<{ run?: { executionArn?: string } }>(EvidenceKey.plan(system, runId));
  const executionArn = plan?.value.run?.executionArn;
  if (executionArn === undefined) return false;
  try {
    const { status, stopDate } = await sfn().send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE' || stopDate === undefined) return false;
    return Date.now() - stopDate.getTime() > AGE;
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist')) return true;
    throw error;
  }
}
