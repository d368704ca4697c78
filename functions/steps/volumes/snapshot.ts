import { offline, requireOnline } from '../../aws/commands.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { CommandInFlight } from '../../contract/progress.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { StepName } from '../../contract/steps.ts';
import type {
  PlannedVolumes,
  VolumeSnapshot,
  VolumesEvidence,
  VolumesResult,
} from '../../contract/volumes-state.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { elapsed } from '../../runtime/step.ts';
import { readingSeconds, readVolumesCommands, sendForVolumes } from './commands.ts';
import { failed, findSet, missingFrom, requestSet } from './request.ts';
import { comparableOf, storeSource } from './source.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'plan' | 'backup'>;

/** How long EC2 may be busy with other snapshots of these volumes before it accepts the request, in seconds. */
const BUSY_SECONDS = 3600;

/**
 * How long a server's set may be incomplete, in seconds. It may be not listed yet, its answer may be lost (then it is requested again), or
 * a snapshot may be missing. Afterwards somebody deleted a snapshot or detached a volume.
 */
const LISTED_WITHIN_SECONDS = 600;

/** How long the servers may take to write their buffers out, in seconds. */
const QUIET_SECONDS = 300;

const POLL_SECONDS = 5;

/** One round: buffers are written out, then the snapshots are requested, then looked at until each is `completed`. */
export async function snapshotVolumes(state: State): Promise<VolumesResult> {
  const { run, plan } = state;
  const previous = state.backup?.volumes;
  const { since, seconds } = elapsed(previous);
  const servers = plan.files?.servers ?? [];
  const begun: VolumesResult = previous ?? {
    done: false,
    waitSeconds: POLL_SECONDS,
    since,
    phase: 'quiet',
    commands: [],
    snapshots: [],
    percent: 0,
  };
  if (servers.length === 0) return finish(state, { ...begun, phase: 'snapshot', percent: 100 });
  if (previous === undefined) {
    const commands = await writeOut(state, servers);
    if (commands.length > 0) return { ...begun, commands };
  }
  if (begun.phase === 'quiet') {
    const { pending, readings } = await readVolumesCommands(begun.commands, ErrorName.VolumeSnapshotFailed);
    if (pending.length > 0) {
      if (seconds < quietSeconds(state, servers)) return { ...begun, waitSeconds: pollSeconds(seconds) };
      const names = pending.map((command) => `${command.server} (${command.instanceId})`).join(', ');
      throw offline(names, '', `it did not report its volumes within ${Math.round(seconds)} s`);
    }
    if (verifies(state)) await storeSource(state, servers, readings);
  }
  const now: VolumesResult = { ...begun, phase: 'snapshot', commands: [] };
  delete now.incompleteSince;
  const found = await lookOrRequest(state, servers, begun.snapshots);
  const snapshots = found.flatMap((each) => each.snapshots);
  const percent = percentOf(snapshots, servers);
  requireNoneFailed(servers, snapshots);
  const open = found.find((each) => each.state !== 'complete');
  if (open === undefined) {
    if (snapshots.every((snapshot) => snapshot.state === 'completed'))
      return finish(state, { ...now, snapshots, percent: 100 });
    if (seconds > DEADLINE_SECONDS.volumeSnapshots + quietSeconds(state, servers))
      throw tooLate(servers, snapshots, seconds);
    const expectedSeconds = plan.expected.steps[StepName.volumes];
    const waitSeconds = predictWait({ elapsedSeconds: seconds, percent, expectedSeconds });
    return { ...now, snapshots, percent, waitSeconds };
  }
  if (open.state === 'busy') {
    if (seconds > BUSY_SECONDS)
      throw failed(
        open.server,
        `EC2 refused them for ${Math.round(seconds / 60)} min, being busy with others`,
      );
    return { ...now, snapshots, percent, waitSeconds: 30 };
  }
  const incompleteSince = begun.incompleteSince ?? new Date(Date.now()).toISOString();
  if (elapsed({ since: incompleteSince }).seconds > LISTED_WITHIN_SECONDS) throw notListed(open);
  return { ...now, snapshots, percent, incompleteSince, waitSeconds: 10 };

  async function finish(from: State, result: VolumesResult): Promise<VolumesResult> {
    const key = EvidenceKey.volumes(run.system, run.id);
    const notCovered = from.plan.files?.notCovered ?? [];
    await writeEvidence(key, { snapshots: result.snapshots, notCovered } satisfies VolumesEvidence);
    return { ...result, done: true, waitSeconds: 0, commands: [], key };
  }
}

function verifies({ plan }: State): boolean {
  return plan.files?.backup === 'verify';
}

/** The longer a reading takes, the rarer the looks. */
function pollSeconds(seconds: number): number {
  return lookAgainIn(Math.min(60, Math.max(POLL_SECONDS, seconds * 0.1)), seconds);
}

function quietSeconds(state: State, servers: PlannedVolumes[]): number {
  if (!verifies(state)) return QUIET_SECONDS;
  const most = Math.max(...servers.map((server) => comparableOf(server).length));
  return QUIET_SECONDS + readingSeconds(state.config, most);
}

/**
 * Lets every server whose agent the plan saw write its buffers out: data left in them would be missing in the snapshot. If files are to be
 * compared, the servers also read them now, while nobody writes.
 */
async function writeOut(state: State, servers: PlannedVolumes[]): Promise<CommandInFlight[]> {
  const reachable = servers.filter((server) => server.agent);
  await requireOnline(reachable);
  return Promise.all(
    reachable.map((server) => {
      const volumes = verifies(state) ? comparableOf(server) : [];
      return sendForVolumes(state, { action: volumes.length > 0 ? 'record' : 'flush', server, volumes });
    }),
  );
}

interface Found {
  server: PlannedVolumes;
  /** The snapshots as listed now, else as listed before. */
  snapshots: VolumeSnapshot[];
  /** Volumes without a snapshot in the current list. */
  missing: string[];
  state: 'complete' | 'incomplete' | 'busy';
}

/** Looks for each server's set, and requests a set that never existed. */
async function lookOrRequest(
  { run, config }: State,
  servers: PlannedVolumes[],
  before: VolumeSnapshot[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const server of servers) {
    const set = await findSet(run, server);
    const earlier = before.filter((snapshot) => snapshot.server === server.name);
    // If listed snapshots disappear, somebody deleted them, or EC2 answers an older state. A second set would hide the first.
    const answer = set.length > 0 || earlier.length > 0 ? set : await requestSet(run, server, config);
    const listed = typeof answer === 'string' ? [] : answer;
    const missing = missingFrom(server, listed);
    found.push({
      server,
      snapshots: listed.length > 0 ? listed : earlier,
      missing,
      state: answer === 'busy' ? 'busy' : missing.length === 0 ? 'complete' : 'incomplete',
    });
  }
  return found;
}

function notListed({ server, missing }: Found): Error {
  return failed(
    server,
    `no snapshot of ${missing.join(', ')} is listed after ${LISTED_WITHIN_SECONDS / 60} min: the volume was detached, or its snapshot deleted`,
  );
}

/** Weighted by size, since a small boot volume says little about a large data volume. A snapshot that is not listed yet counts as begun. */
function percentOf(snapshots: VolumeSnapshot[], servers: PlannedVolumes[]): number {
  const volumes = servers.flatMap((server) => server.volumes);
  const total = volumes.reduce((sum, volume) => sum + volume.sizeGib, 0);
  if (total === 0) return 0;
  const copied = volumes.reduce((sum, volume) => {
    const snapshot = snapshots.find((each) => each.volumeId === volume.volumeId);
    return sum + (volume.sizeGib * (snapshot?.percent ?? 0)) / 100;
  }, 0);
  return Math.floor((copied / total) * 100);
}

/**
 * `error` is final. `recoverable` and `recovering` are states of the Recycle Bin: somebody deleted the snapshot meanwhile.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
 */
function requireNoneFailed(servers: PlannedVolumes[], snapshots: VolumeSnapshot[]): void {
  const bad = snapshots.filter(({ state }) => state !== 'pending' && state !== 'completed');
  const [first] = bad;
  const server = servers.find((each) => each.name === first?.server);
  if (first === undefined || server === undefined) return;
  throw failed(
    server,
    bad.map((each) => `${each.snapshotId} of ${each.volumeId} is "${each.state}"`).join(', '),
  );
}

function tooLate(servers: PlannedVolumes[], snapshots: VolumeSnapshot[], seconds: number): Error {
  const pending = snapshots.filter((snapshot) => snapshot.state !== 'completed');
  const server = servers.find((each) => each.name === pending[0]?.server) ?? { name: '', instanceId: '' };
  const list = pending.map(
    (each) => `${each.snapshotId} of ${each.volumeId} is "${each.state}" (${each.percent} %)`,
  );
  return failed(server, `after ${Math.round(seconds / 60)} min ${list.join(', ')}`);
}
