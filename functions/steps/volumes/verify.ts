import { requireOnline } from '../../aws/commands.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import type {
  FilesDifference,
  FilesVerification,
  VolumeCheck,
  VolumeComparison,
  VolumeReading,
  VolumesCheckResult,
} from '../../contract/volumes-state.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { log } from '../../runtime/log.ts';
import { elapsed } from '../../runtime/step.ts';
import { checkVolume, serverOf, waitOf } from './check.ts';
import { readingSeconds, readVolumesCommands, sendForVolumes } from './commands.ts';
import { compareVolume, isRead, partName } from './compare.ts';
import { readSource, type SourceEvidence } from './source.ts';
import { findTestVolumes, impossible } from './test-volumes.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'plan' | 'backup'>;

const POLL_SECONDS = 5;

/**
 * One round. Each data volume's snapshot is restored as a volume, attached to a server, read and removed, one at a time on each server. At
 * the end the readings are compared with the content of the quiet source.
 *
 * @throws LightsOutError `VolumeMismatch`, `VolumeCheckImpossible`, `AgentOffline`.
 */
export async function verifyVolumes(state: State): Promise<VolumesCheckResult> {
  const previous = state.backup?.volumesCheck;
  const { since } = elapsed(previous);
  const source = await readSource(state);
  if (previous !== undefined && previous.commands.length > 0) return lookAgain(state, previous, source);
  const checks = previous?.checks ?? checksOf(state, source);
  if (previous === undefined)
    await requireOnline(
      [...new Set(checks.map((check) => check.checker))].map((name) => serverOf(state, name)),
    );
  const copies = await findTestVolumes(state);
  const next: VolumeCheck[] = [];
  for (const check of checks) {
    // A server has one copy at a time: the first of its checks that is not done.
    const turn = checks.find((each) => each.checker === check.checker && each.phase !== 'done') === check;
    next.push(turn ? await checkVolume(state, check, copies) : check);
  }
  const answer: VolumesCheckResult = {
    done: false,
    waitSeconds: POLL_SECONDS,
    since,
    checks: next,
    commands: [],
    equal: false,
    volumes: 0,
    files: 0,
  };
  const open = next.filter((check) => check.phase !== 'done');
  if (open.length > 0)
    return {
      ...answer,
      waitSeconds: lookAgainIn(
        Math.min(...open.filter(({ phase }) => phase !== 'waiting').map(waitOf), 60),
        elapsed({ since }).seconds,
      ),
    };
  return conclude(state, answer, source);
}

/** The volumes with something readable at the source, and the server that reads each copy. */
function checksOf(state: State, source: SourceEvidence): VolumeCheck[] {
  const { config, backup } = state;
  const snapshots = backup?.volumes?.snapshots ?? [];
  return source.volumes
    .filter((volume) => volume.parts.some(isRead))
    .map(({ server, volumeId }) => {
      const snapshot = snapshots.find((each) => each.volumeId === volumeId);
      if (snapshot === undefined) throw impossible(`volume ${volumeId}`, 'this run has no snapshot of it');
      return {
        server,
        volumeId,
        snapshotId: snapshot.snapshotId,
        checker: config.files.checkServer ?? server,
        phase: 'waiting',
        phaseSince: new Date(Date.now()).toISOString(),
      };
    });
}

function compareAll(checks: VolumeCheck[], source: SourceEvidence): VolumeComparison {
  const all: VolumeComparison = { compared: [], differences: [], notCompared: [] };
  for (const volume of source.volumes) {
    const check = checks.find((each) => each.volumeId === volume.volumeId);
    // A volume without a check had nothing readable at the source: each of its parts says why.
    const restored = check?.reading ?? { ...volume, parts: [] };
    const { compared, differences, notCompared } = compareVolume(volume.server, volume, restored);
    all.compared.push(...compared);
    all.differences.push(...differences);
    all.notCompared.push(...notCompared);
  }
  return all;
}

async function conclude(
  state: State,
  answer: VolumesCheckResult,
  source: SourceEvidence,
): Promise<VolumesCheckResult> {
  const comparison = compareAll(answer.checks, source);
  if (comparison.compared.length === 0) throw impossible('files.backup "verify"', 'nothing was compared');
  if (comparison.differences.length > 0) {
    // Is the copy wrong, or did somebody write to the source? Only the source can tell.
    const commands = await askSources(state, comparison.differences);
    if (commands.length > 0) return { ...answer, commands, waitSeconds: POLL_SECONDS };
    throw await mismatch(state, source, comparison);
  }
  const key = await store(state, source, comparison);
  return {
    ...answer,
    done: true,
    waitSeconds: 0,
    equal: true,
    volumes: new Set(comparison.compared.map((part) => part.volumeId)).size,
    files: comparison.compared.reduce((sum, part) => sum + part.files, 0),
    key,
  };
}

async function askSources(state: State, differences: FilesDifference[]) {
  const servers = new Map((state.plan.files?.servers ?? []).map((server) => [server.name, server.volumes]));
  const byServer = Map.groupBy(differences, (difference) => difference.server);
  const commands: VolumesCheckResult['commands'] = [];
  for (const [name, own] of byServer) {
    const ids = new Set(own.map((difference) => difference.volumeId));
    const volumes = (servers.get(name) ?? []).filter((volume) => ids.has(volume.volumeId));
    try {
      commands.push(
        await sendForVolumes(state, { action: 'record', server: serverOf(state, name), volumes }),
      );
    } catch (error) {
      // The difference counts all the same.
      log('warn', 'volumes: the source could not be looked at again', {
        server: name,
        reason: messageOf(error),
      });
    }
  }
  return commands;
}

/** The sources' second answer. If a part of the source changed meanwhile, somebody wrote to it, and the copy is not to blame. */
async function lookAgain(
  state: State,
  previous: VolumesCheckResult,
  source: SourceEvidence,
): Promise<VolumesCheckResult> {
  const comparison = compareAll(previous.checks, source);
  const { seconds } = elapsed({ since: lastPhase(previous) });
  let readings: VolumeReading[] = [];
  try {
    const answer = await readVolumesCommands(previous.commands, ErrorName.VolumeCheckImpossible);
    if (answer.pending.length > 0 && seconds < readingSeconds(state.config, previous.checks.length))
      return {
        ...previous,
        waitSeconds: lookAgainIn(Math.min(60, Math.max(POLL_SECONDS, seconds * 0.1)), seconds),
      };
    readings = answer.readings;
  } catch (error) {
    if (!(error instanceof LightsOutError)) throw error;
    log('warn', 'volumes: the source could not be looked at again', { reason: messageOf(error) });
  }
  for (const difference of comparison.differences) {
    const before = partOf(source.volumes, difference);
    const now = partOf(readings, difference);
    if (now?.digest !== undefined && now.digest !== before?.digest) difference.strayWrite = true;
  }
  throw await mismatch(state, source, comparison);
}

function lastPhase({ checks, since }: VolumesCheckResult): string {
  return (
    checks
      .map((check) => check.phaseSince)
      .sort()
      .at(-1) ?? since
  );
}

function partOf(readings: VolumeReading[], { volumeId, part }: FilesDifference) {
  return readings
    .find((reading) => reading.volumeId === volumeId)
    ?.parts.find((candidate) => candidate.part === part);
}

async function store(state: State, source: SourceEvidence, comparison: VolumeComparison): Promise<string> {
  const { run, config, plan } = state;
  const key = EvidenceKey.filesVerification(run.system, run.id);
  const unread = (plan.files?.servers ?? []).flatMap((server) =>
    server.volumes.flatMap(({ volumeId, notComparable }) =>
      notComparable === undefined
        ? []
        : [{ object: partName(server.name, volumeId, '0'), reason: notComparable }],
    ),
  );
  await writeEvidence(key, {
    equal: comparison.differences.length === 0,
    contents: config.files.contents && source.contents,
    comparedAt: new Date(Date.now()).toISOString(),
    compared: comparison.compared,
    differences: comparison.differences,
    notCompared: [...comparison.notCompared, ...unread],
  } satisfies FilesVerification);
  return key;
}

async function mismatch(
  state: State,
  source: SourceEvidence,
  comparison: VolumeComparison,
): Promise<LightsOutError> {
  const key = await store(state, source, comparison);
  const list = comparison.differences.map(
    ({ server, volumeId, part, detail, strayWrite }) =>
      `${partName(server, volumeId, part)}: ${
        strayWrite === true
          ? 'somebody wrote to it after the services had stopped, so that the copy cannot be compared'
          : detail
      }`,
  );
  return new LightsOutError(
    ErrorName.VolumeMismatch,
    `the restored files differ from the source: ${list.join('; ')}. Expected the same; see ${key}, look for who writes to the source besides the services, and if nobody does, treat the snapshot as bad`,
  );
}
