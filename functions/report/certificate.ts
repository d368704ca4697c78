import type {
  Comparison,
  EngineCheck,
  Manifest,
  NotCompared,
  ServerIdentity,
} from '../../engines/manifest.ts';
import type { AlreadyOff } from '../contract/already-off.ts';
import { defined } from '../contract/defined.ts';
import { EvidenceKey, resourceName } from '../contract/keys.ts';
import type { Plan } from '../contract/plan-state.ts';
import type { CleanedUp } from '../contract/recovery.ts';
import type { Failure, Outcome, RunContext } from '../contract/state.ts';
import { StepName } from '../contract/steps.ts';
import type { TimelineStep } from '../contract/timeline.ts';
import type { FilesVerification, VolumesEvidence } from '../contract/volumes-state.ts';
import type { LastLookEvidence } from '../databases/last-look.ts';
import type { LiveComparison } from '../databases/live-comparison.ts';
import { readEvidence } from '../runtime/evidence.ts';
import { VERSION } from '../runtime/version.ts';
import type { Attention } from './attention.ts';
import { announcedTime } from './context.ts';
import { type FilesCertificate, filesOf } from './files.ts';
import { isOutdated, type LastLook, lastLookOf } from './last-look.ts';
import { isTouched, type ReachedState } from './outcome.ts';
import type { ResourceState } from './resources.ts';

export interface ComparedTable {
  /** `database: "schema"."table"`. */
  name: string;
  rows: number;
  digest: string;
  /** Of the copy, where it differs. */
  restored?: { rows: number; digest: string };
  /** Undefined when the run ended before the copy's table was read, or nothing is left to compare it with. */
  equal?: boolean;
  /** It was written to meanwhile: the copy holds a state between two readings of the source. */
  between?: true;
}

/** The evidence of a run: what was backed up, what was compared, how everything stands. Names, counts and hashes only. */
export interface Certificate {
  /** Version of Lights Out that closed the run; the configuration's version is `run.configuration`. */
  version: string;
  run: RunContext;
  outcome: Outcome;
  /** Proof that the system was off before this run began. */
  alreadyOff?: AlreadyOff;
  failure?: Failure;
  /** How the execution ended and who closed the run in its place. Only of a run that ended without closing. */
  cleanedUp?: CleanedUp;
  closedAt: string;
  /** The time that users were told. */
  announcedAt: string;
  /** When maintenance mode went on. Absent when the run did not come so far. */
  outAt?: string;
  /** `confirmed` when the run saw the snapshot `available`. A snapshot that was only begun may still exist. */
  snapshot?: { identifier: string; arn?: string; confirmed: boolean; verified: boolean };
  verification: {
    policy: 'full' | 'none';
    /** True only when both the run's step and its evidence say so. Undefined when the comparison was not completed. */
    equal?: boolean;
    tables: number;
    rows: number;
    source?: ServerIdentity;
    restored?: ServerIdentity;
    compared: ComparedTable[];
    differences: Comparison['differences'];
    notCompared: NotCompared[];
    /** Absent when the check of the copy was not completed. */
    engineCheck?: EngineCheck;
    /** Of a run that only proves a backup: what was written to the source meanwhile. */
    live?: LiveComparison;
  };
  /** The last look before the point of no return. Absent when the run did not come so far. */
  lastLook?: LastLook;
  /** The CRM's files: the snapshots of the servers' volumes. Absent when the run had no plan. */
  files?: FilesCertificate;
  approvedBy?: string;
  resources: ResourceState[];
  attention: Attention[];
  steps: TimelineStep[];
  expectedSteps: Plan['expected']['steps'];
  expectedSeconds?: number;
  /** From the announced time until the run was closed. */
  actualSeconds?: number;
  /** Parts of the closing that failed. With such an entry the certificate is not complete. */
  problems: string[];
}

interface StoredComparison extends Comparison {
  source: ServerIdentity;
  restored: ServerIdentity;
  engineCheck?: EngineCheck;
  live?: LiveComparison;
}

export interface CertificateFacts {
  run: RunContext;
  state: ReachedState;
  outcome: Outcome;
  failure?: Failure | undefined;
  resources: ResourceState[];
  attention: Attention[];
  steps: TimelineStep[];
  problems: string[];
}

/** What the verification left in the evidence bucket. */
export interface VerificationEvidence {
  source?: Manifest | undefined;
  restored?: Manifest | undefined;
  comparison?: StoredComparison | undefined;
  lastLook?: LastLookEvidence | undefined;
  volumes?: VolumesEvidence | undefined;
  files?: FilesVerification | undefined;
  /** Evidence that could not be read, and why. */
  unread: { key: string; error: unknown }[];
}

/** Reads the verification's evidence. Evidence that cannot be read does not prevent the rest from being reported. */
export async function readVerification(system: string, runId: string): Promise<VerificationEvidence> {
  const unread: VerificationEvidence['unread'] = [];
  const read = async <Value>(key: string): Promise<Value | undefined> => {
    try {
      return (await readEvidence<Value>(key))?.value;
    } catch (error) {
      unread.push({ key, error });
      return undefined;
    }
  };
  const [source, restored, comparison, lastLook, volumes, files] = await Promise.all([
    read<Manifest>(EvidenceKey.sourceManifest(system, runId)),
    read<Manifest>(EvidenceKey.restoredManifest(system, runId)),
    read<StoredComparison>(EvidenceKey.verification(system, runId)),
    read<LastLookEvidence>(EvidenceKey.lastLook(system, runId)),
    read<VolumesEvidence>(EvidenceKey.volumes(system, runId)),
    read<FilesVerification>(EvidenceKey.filesVerification(system, runId)),
  ]);
  return { source, restored, comparison, lastLook, volumes, files, unread };
}

/** Puts the certificate together from the run's state and evidence. */
export function makeCertificate(facts: CertificateFacts, evidence: VerificationEvidence): Certificate {
  const { run, state, outcome, failure, resources, attention, steps, problems } = facts;
  const { source, restored, comparison, lastLook } = evidence;
  const equal = isEqual(state, comparison, lastLook);
  const closedAt = new Date(Date.now()).toISOString();
  const announcedAt = announcedTime(run, state);
  const actualSeconds = Math.round((Date.parse(closedAt) - Date.parse(announcedAt)) / 1000);
  return {
    version: VERSION,
    run,
    outcome,
    ...defined({ failure }),
    ...(state.recovery === undefined ? {} : { cleanedUp: state.recovery.cleanedUp }),
    closedAt,
    announcedAt,
    ...defined({ outAt: state.drain?.countedSince }),
    ...(state.plan?.alreadyOff === undefined ? {} : { alreadyOff: state.plan.alreadyOff }),
    ...snapshotOf(run, state, steps, equal),
    verification: {
      policy: run.verification,
      ...defined({ equal }),
      tables: comparison?.tables ?? 0,
      rows: comparison?.rows ?? 0,
      ...(comparison === undefined ? {} : { source: comparison.source, restored: comparison.restored }),
      compared: source === undefined ? [] : comparedTables(source, restored, comparison),
      differences: comparison?.differences ?? [],
      notCompared: comparison?.notCompared ?? [],
      ...(comparison?.engineCheck === undefined ? {} : { engineCheck: comparison.engineCheck }),
      ...defined({ live: comparison?.live }),
    },
    ...lastLookOf(state, lastLook),
    ...filesOf(state, steps, evidence.volumes, evidence.files),
    ...(state.approval === undefined ? {} : { approvedBy: state.approval.approvedBy }),
    resources,
    attention,
    steps,
    expectedSteps: state.plan?.expected.steps ?? {},
    ...(state.plan === undefined ? {} : { expectedSeconds: state.plan.expected.totalSeconds }),
    ...(isTouched(state) && actualSeconds > 0 ? { actualSeconds } : {}),
    problems,
  };
}

function isEqual(
  state: ReachedState,
  comparison: StoredComparison | undefined,
  lastLook: LastLookEvidence | undefined,
): boolean | undefined {
  if (comparison === undefined) return undefined;
  // A copy that the engine finds damaged is not equal to the source, whatever its rows say.
  if (!comparison.equal || (comparison.engineCheck?.problems.length ?? 0) > 0) return false;
  // The copy equals the source as it was; later writes are in no backup.
  if (lastLook?.compared?.equal === false) return false;
  if (isOutdated(state, lastLook)) return undefined;
  // Of a source in use, the step after the comparison has the last word.
  const said =
    state.run?.onlyProve === true
      ? state.sourceLook?.done === true
      : state.comparison?.done === true && state.comparison.equal;
  return said ? true : undefined;
}

function snapshotOf(
  run: RunContext,
  state: ReachedState,
  steps: TimelineStep[],
  equal: boolean | undefined,
): Pick<Certificate, 'snapshot'> {
  const seen = state.backup?.snapshot;
  if (seen?.done === true) {
    const { identifier, arn } = seen;
    return { snapshot: { identifier, arn, confirmed: true, verified: equal === true } };
  }
  // The other branch of the backup failed meanwhile. RDS goes on with the snapshot although nobody waits for it.
  if (!steps.some((step) => step.name === StepName.snapshot)) return {};
  return {
    snapshot: { identifier: resourceName(run.system, run.id), confirmed: false, verified: false },
  };
}

function comparedTables(
  source: Manifest,
  restored: Manifest | undefined,
  comparison: StoredComparison | undefined,
): ComparedTable[] {
  const differing = new Set((comparison?.differences ?? []).map((difference) => difference.object));
  const between = new Set(
    (comparison?.live?.written ?? []).flatMap(({ object, copy }) => (copy === 'between' ? [object] : [])),
  );
  return source.databases.flatMap((database) => {
    const copies = new Map(
      restored?.databases
        .find((copy) => copy.name === database.name)
        ?.tables.map((table) => [table.name, table]),
    );
    return database.tables.map((table): ComparedTable => {
      const name = `${database.name}: ${table.name}`;
      const copy = copies.get(table.name);
      const different = differing.has(name) || differing.has(database.name);
      const known = comparison !== undefined && (copy !== undefined || different) && !between.has(name);
      return {
        name,
        rows: table.rows,
        digest: table.digest,
        ...(different && copy !== undefined ? { restored: { rows: copy.rows, digest: copy.digest } } : {}),
        ...(known ? { equal: !different } : {}),
        ...(between.has(name) ? { between: true } : {}),
      };
    });
  });
}
