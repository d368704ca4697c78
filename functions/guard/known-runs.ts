import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { EnvironmentVariable } from '../contract/environment.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { s3 } from '../runtime/clients.ts';
import { environmentVariable } from '../runtime/environment.ts';

/** A run that the evidence knows. */
export interface KnownRun {
  id: string;
  /** When the run began, in milliseconds since the epoch, exact to the minute as in the run's id. */
  startedAt: number;
}

const RUN_ID = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})-[0-9a-f]{8}$/;

/** When a run began, by its id, in milliseconds since the epoch. Undefined when the text is no run's id. */
export function startOf(runId: string): number | undefined {
  const [, year, month, day, hour, minute] = RUN_ID.exec(runId) ?? [];
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
}

/** Every run of the system that left evidence, newest first. A resource whose run left no evidence was not made by a run. */
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
      const startedAt = startOf(id);
      if (startedAt !== undefined) runs.push({ id, startedAt });
    }
  }
  return runs.sort((a, b) => b.startedAt - a.startedAt);
}
