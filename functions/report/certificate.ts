import { readEvidence } from '../shared/aws/evidence.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { Failure, Outcome, RunContext } from '../shared/contract/state.ts';
import type { Comparison, Manifest, NotCompared, ServerIdentity } from '../shared/engines/manifest.ts';
import type { TimelineStep } from '../shared/timeline.ts';
import type { ReachedState } from './outcome.ts';
import type { ResourceState } from './resources.ts';

export interface ComparedTable {
  /** `database: "schema"."table"`. */
  name: string;
  rows: number;
  digest: string;
  /** Undefined when the run ended before the copy's table was read. */
  equal?: boolean;
}

/** The evidence of a run: what was backed up, what was compared, how everything stands. Names, counts and hashes only. */
export interface Certificate {
  run: RunContext;
  outcome: Outcome;
  failure?: Failure;
  closedAt: string;
  snapshot?: { identifier: string; arn: string };
  verification: {
    policy: 'full' | 'none';
    equal?: boolean;
    tables: number;
    rows: number;
    source?: ServerIdentity;
    restored?: ServerIdentity;
    compared: ComparedTable[];
    differences: Comparison['differences'];
    notCompared: NotCompared[];
  };
  approvedBy?: string;
  resources: ResourceState[];
  steps: TimelineStep[];
  expectedSeconds?: number;
  actualSeconds?: number;
}

interface StoredComparison extends Comparison {
  source: ServerIdentity;
  restored: ServerIdentity;
}

export interface CertificateFacts {
  run: RunContext;
  config: SystemConfig;
  state: ReachedState;
  outcome: Outcome;
  failure?: Failure | undefined;
  resources: ResourceState[];
  steps: TimelineStep[];
}

/** Puts the certificate together from the run's state and evidence. */
export async function makeCertificate(facts: CertificateFacts): Promise<Certificate> {
  const { run, config, state, outcome, failure, resources, steps } = facts;
  const [manifest, restored, comparison] = await Promise.all([
    readEvidence<Manifest>(EvidenceKey.sourceManifest(config.name, run.id)),
    readEvidence<Manifest>(EvidenceKey.restoredManifest(config.name, run.id)),
    readEvidence<StoredComparison>(EvidenceKey.verification(config.name, run.id)),
  ]);
  const compared =
    manifest === undefined ? [] : comparedTables(manifest.value, restored?.value, comparison?.value);
  const snapshot = state.backup?.snapshot;
  const closedAt = new Date(Date.now()).toISOString();
  const verified = comparison?.value;
  return {
    run,
    outcome,
    ...(failure === undefined ? {} : { failure }),
    closedAt,
    ...(snapshot?.done === true ? { snapshot: { identifier: snapshot.identifier, arn: snapshot.arn } } : {}),
    verification: {
      policy: run.verification,
      ...(verified === undefined
        ? {}
        : { equal: verified.equal, source: verified.source, restored: verified.restored }),
      tables: verified?.tables ?? 0,
      rows: verified?.rows ?? 0,
      compared,
      differences: verified?.differences ?? [],
      notCompared: verified?.notCompared ?? [],
    },
    ...(state.approval === undefined ? {} : { approvedBy: state.approval.approvedBy }),
    resources,
    steps,
    ...(state.plan === undefined ? {} : { expectedSeconds: state.plan.expected.totalSeconds }),
    ...(Date.parse(closedAt) > Date.parse(run.at)
      ? { actualSeconds: Math.round((Date.parse(closedAt) - Date.parse(run.at)) / 1000) }
      : {}),
  };
}

function comparedTables(
  source: Manifest,
  restored: Manifest | undefined,
  comparison: StoredComparison | undefined,
): ComparedTable[] {
  const differing = new Set((comparison?.differences ?? []).map((difference) => difference.object));
  return source.databases.flatMap((database) => {
    const copies = new Set(
      restored?.databases.find((copy) => copy.name === database.name)?.tables.map((table) => table.name),
    );
    return database.tables.map((table) => {
      const name = `${database.name}: ${table.name}`;
      const known = comparison !== undefined && (copies.has(table.name) || differing.has(name));
      return {
        name,
        rows: table.rows,
        digest: table.digest,
        ...(known ? { equal: !differing.has(name) } : {}),
      };
    });
  });
}
