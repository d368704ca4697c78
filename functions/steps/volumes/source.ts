import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { ShutdownState } from '../../contract/state.ts';
import type { PlannedVolume, PlannedVolumes, VolumeReading } from '../../contract/volumes-state.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { isRead, partName, reasonOf } from './compare.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'plan'>;

/** What `files-source.json` holds. */
export interface SourceEvidence {
  /** Whether the digests are over the files' contents too. */
  contents: boolean;
  recordedAt: string;
  volumes: (VolumeReading & { server: string })[];
}

/** The volumes of a server whose files can be compared, as far as EC2 alone tells. */
export function comparableOf(server: PlannedVolumes): PlannedVolume[] {
  return server.volumes.filter((volume) => volume.notComparable === undefined);
}

/**
 * Stores the content of the quiet source before any snapshot is requested.
 *
 * @throws LightsOutError `VolumeCheckImpossible` when no file system of any volume could be read: comparing nothing proves nothing.
 */
export async function storeSource(
  { run, config }: State,
  servers: PlannedVolumes[],
  readings: VolumeReading[],
): Promise<void> {
  const volumes = servers.flatMap((server) =>
    comparableOf(server).map(({ volumeId }) => ({
      ...(readings.find((reading) => reading.volumeId === volumeId) ?? { volumeId, parts: [] }),
      server: server.name,
    })),
  );
  await writeEvidence(EvidenceKey.filesSource(run.system, run.id), {
    contents: config.files.contents,
    recordedAt: new Date(Date.now()).toISOString(),
    volumes,
  } satisfies SourceEvidence);
  for (const { server, volumeId, parts } of volumes) {
    const broken = parts.find((part) => part.failed !== undefined);
    if (broken === undefined) continue;
    throw new LightsOutError(
      ErrorName.VolumeCheckImpossible,
      `${partName(server, volumeId, broken.part)}: ${reasonOf(broken)}, though nobody should be writing to it; expected a file system that can be read: look at the server’s log`,
    );
  }
  if (volumes.some((volume) => volume.parts.some(isRead))) return;
  const why = volumes.map(({ server, volumeId, parts }) => {
    const [part] = parts;
    return `${partName(server, volumeId, '0')}: ${part === undefined ? 'the server said nothing of it' : reasonOf(part)}`;
  });
  throw new LightsOutError(
    ErrorName.VolumeCheckImpossible,
    `files.backup is "verify", but no volume's files can be compared: ${why.join('; ')}. Set it to "snapshot", or mount a file system that can be read`,
  );
}

/** The content of the source. @throws LightsOutError `VolumeCheckImpossible` when the evidence does not hold it. */
export async function readSource({ run }: Pick<State, 'run'>): Promise<SourceEvidence> {
  const key = EvidenceKey.filesSource(run.system, run.id);
  const stored = await readEvidence<SourceEvidence>(key);
  if (stored !== undefined) return stored.value;
  throw new LightsOutError(
    ErrorName.VolumeCheckImpossible,
    `${key} is not in the evidence bucket; expected what the source's files were before the snapshot: start the run again`,
  );
}
