import { addBatch, type Batch, type BatchResult, readBatch } from '../../engines/batches.ts';
import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from '../../engines/budget.ts';
import type { Manifest, ServerIdentity } from '../../engines/manifest.ts';
import { type ManifestProgress, recordManifest } from '../../engines/recorder.ts';
import type { SystemConfig } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { BatchRead, RunContext, Spread } from '../contract/state.ts';
import { readEvidence, writeEvidence } from '../runtime/evidence.ts';
import { engineOfSystem } from './system-engine.ts';

/** `again-…`: a later reading of the source. Each such reading has a name of its own, so that it never takes results of an earlier one. */
export type Side = 'source' | 'restored' | `again-${string}`;

/** A server to be recorded: the source, or the copy restored from it. */
export interface Recorded {
  config: SystemConfig;
  run: RunContext;
  side: Side;
  address: string;
  port: number;
  /** Called with the server's identity before anything is read. Throws for the wrong server. */
  onServer(server: ServerIdentity): void;
}

interface SpreadPlan {
  server: ServerIdentity;
  batches: Batch[];
}

interface StoredResult extends BatchResult {
  server: ServerIdentity;
}

/** Up to this many batches travel in the state. A longer list is read from the evidence bucket. Inline, Step Functions runs 40 at once. */
const MOST_INLINE = 40;

/** Objects to fetch at once: a thousand results take a few seconds. */
const FETCHES = 16;

/** How far apart two start times of one server may seem. MySQL tells its uptime in whole seconds. */
const SAME_START_MILLISECONDS = 10_000;

/**
 * Records the contents of a server, as far as one call gets, and keeps them as evidence. A database larger than
 * `database.comparisonBatchMib` is planned in batches, which other calls read in parallel ({@link readOneBatch}). The next call combines
 * their results. It also reads what a failed batch left, so that the error shows under its own name.
 *
 * @throws LightsOutError `DatabaseUnreachable`, `VerificationImpossible`, `InvalidConfiguration`.
 */
export async function recordServer(
  recorded: Recorded,
  { resume, like }: { resume: Manifest | undefined; like?: Manifest },
): Promise<ManifestProgress & { spread?: Spread }> {
  const { config, side, onServer } = recorded;
  const stopAt = Date.now() + WORK_BUDGET_MILLISECONDS;
  const planned = resume === undefined ? undefined : await gather(recorded, resume);
  const { engine } = await engineOfSystem(config, recorded, STATEMENT_TIMEOUT_SECONDS);
  const progress = await recordManifest(engine, {
    databases: config.database.databases,
    copy: side === 'restored',
    resume,
    like,
    ...(planned === undefined ? { batchBytes: config.database.comparisonBatchMib * 1024 * 1024 } : {}),
    stopAt,
    onServer,
  });
  // The manifest comes first: a plan without it is useless.
  await writeEvidence(manifestKey(recorded), progress.manifest);
  if (progress.batches === undefined) return progress;
  return { ...progress, spread: await keepPlan(recorded, progress.manifest.server, progress.batches) };
}

/** Object key of the manifest of a side. */
export function manifestKey({ config, run, side }: Recorded): string {
  if (side === 'source') return EvidenceKey.sourceManifest(config.name, run.id);
  if (side === 'restored') return EvidenceKey.restoredManifest(config.name, run.id);
  return EvidenceKey.laterManifest(config.name, run.id, side);
}

async function keepPlan(recorded: Recorded, server: ServerIdentity, batches: Batch[]): Promise<Spread> {
  const { config, run, side } = recorded;
  const plan: SpreadPlan = { server, batches };
  const items = batches.map((_, batch) => ({ batch }));
  const itemsKey = EvidenceKey.batchItems(config.name, run.id, side);
  await writeEvidence(EvidenceKey.batchPlan(config.name, run.id, side), plan);
  if (items.length <= MOST_INLINE) return { mode: 'inline', count: items.length, items };
  await writeEvidence(itemsKey, items);
  return { mode: 'distributed', count: items.length, itemsKey };
}

/**
 * Adds the results of the batches to the manifest.
 * @returns the plan, or undefined when there is none for this server.
 */
async function gather(recorded: Recorded, manifest: Manifest): Promise<SpreadPlan | undefined> {
  const plan = await readPlan(recorded);
  if (plan === undefined || !sameServer(plan.server, manifest.server)) return undefined;
  const left = plan.batches.map((batch, index) => ({ batch, index }));
  const fetch = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { batch, index } = next;
      const result = (await readEvidence<StoredResult>(resultKey(recorded, index)))?.value;
      if (result !== undefined && sameServer(result.server, plan.server)) addBatch(manifest, batch, result);
    }
  };
  await Promise.all(Array.from({ length: FETCHES }, fetch));
  return plan;
}

/**
 * Reads one batch, as far as one call gets. Its result is an object of its own, which a repeat overwrites.
 *
 * @throws LightsOutError `VerificationImpossible`, `DatabaseUnreachable`.
 */
export async function readOneBatch(recorded: Recorded, index: number): Promise<BatchRead> {
  const { config, run, side, onServer } = recorded;
  const stopAt = Date.now() + WORK_BUDGET_MILLISECONDS;
  const plan = await readPlan(recorded);
  const batch = plan?.batches[index];
  if (plan === undefined || batch === undefined) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `batch ${index} of the ${side} database is not in ${EvidenceKey.batchPlan(config.name, run.id, side)}; expected the step's first call to have planned it: start the run again`,
    );
  }
  const key = resultKey(recorded, index);
  const stored = (await readEvidence<StoredResult>(key))?.value;
  const resume = stored !== undefined && sameServer(stored.server, plan.server) ? stored : undefined;
  if (resume?.read.every((results) => results !== null) === true) return { done: true, waitSeconds: 0 };
  const { engine } = await engineOfSystem(config, recorded, STATEMENT_TIMEOUT_SECONDS);
  let server = plan.server;
  const { read, complete } = await readBatch(engine, batch, {
    resume,
    stopAt,
    onServer: (found) => {
      onServer(found);
      server = found;
    },
  });
  await writeEvidence(key, { server, read } satisfies StoredResult);
  return { done: complete, waitSeconds: complete ? 0 : 1 };
}

async function readPlan({ config, run, side }: Recorded): Promise<SpreadPlan | undefined> {
  return (await readEvidence<SpreadPlan>(EvidenceKey.batchPlan(config.name, run.id, side)))?.value;
}

const resultKey = ({ config, run, side }: Recorded, index: number): string =>
  EvidenceKey.batchResult(config.name, run.id, side, index);

function sameServer(a: ServerIdentity, b: ServerIdentity): boolean {
  const apart = Math.abs(Date.parse(a.startedAt) - Date.parse(b.startedAt));
  return a.address === b.address && a.port === b.port && apart <= SAME_START_MILLISECONDS;
}
