import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MARKED, ResourceTag, resourceName } from '../../functions/contract/keys.ts';
import type { AfterStep } from '../rehearsal/aftermath.ts';
import type { EndedRun } from '../rehearsal/run.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { Snapshot } from '../world/database/instance.ts';

/** Functions that watch over a system between its runs. */
type Watching = 'watch' | 'keep' | 'tidy';

/** The system that sequels happen to: what is started is stopped again, and of its snapshots two are kept. */
export const SEQUEL_SYSTEM = 'kept';

/** `instance …`, `snapshot …`, `volume …` of {@link everything}: which of them must be there in the end, and which must not. */
export interface Belongings {
  stays: string[];
  goes: string[];
}

/** What comes after a shutdown that succeeded, for the functions that watch over the system to see to. */
export interface Sequel {
  name: string;
  /** Puts more into the world once the run is over. */
  add?(sandbox: Sandbox, ended: EndedRun, out: string): Belongings;
  steps: AfterStep[];
  /** How long what was broken all the time, and is mended then, may take to be made up for. */
  madeUpFor: AfterStep;
  wanted: 'off' | 'on';
  /** Kinds of the mails that the operators get, and what they name. */
  tells: Record<string, string[]>;
  /** Whose calls a fault is to hit. */
  hits: Watching[];
  /** At any time, and not only round the moments in which something is touched. */
  atAnyTime?: true;
}

export const SEQUELS: readonly Sequel[] = [
  {
    name: 'started by hand',
    steps: [{ start: 'web-1' }, { start: 'database' }, { hours: 4 }],
    madeUpFor: { hours: 4 },
    wanted: 'off',
    hits: ['watch', 'keep'],
    tells: { 'started-by-hand': ['web-1', 'database'], 'kept-stopped': ['web-1', 'database'] },
  },
  {
    name: 'started by RDS',
    // Six days in which nothing happens need no look every hour.
    steps: [{ days: 6.95, schedules: false }, { hours: 6 }],
    madeUpFor: { hours: 4 },
    wanted: 'off',
    hits: ['watch', 'keep'],
    tells: { 'kept-stopped': ['database'] },
  },
  {
    name: 'left behind',
    add: addLeftovers,
    // Three looks may be behind, and each comes by the hour.
    steps: [{ hours: 6 }],
    madeUpFor: { hours: 3 },
    wanted: 'off',
    hits: ['tidy'],
    tells: { swept: ['test instance', 'test volume'] },
  },
  {
    name: 'too many snapshots',
    add: addEarlierRuns,
    steps: [{ days: 1.1 }],
    madeUpFor: { days: 1.1 },
    wanted: 'off',
    hits: ['tidy'],
    tells: { retained: ['snapshot lights-out-', 'snapshot snap-'] },
  },
  {
    name: 'released',
    steps: [{ release: 'back to work' }, { start: 'database' }, { start: 'web-1' }, { hours: 2.5 }],
    madeUpFor: { hours: 2 },
    wanted: 'on',
    tells: {},
    hits: ['watch', 'keep', 'tidy'],
    atAnyTime: true,
  },
];

export function sequelOf(name: string): Sequel {
  const sequel = SEQUELS.find((each) => each.name === name);
  if (sequel === undefined) throw new Error(`no sequel is called "${name}"`);
  return sequel;
}

/** Every instance, snapshot and volume that there is. */
export function everything({ databases, servers }: Sandbox): string[] {
  const named = (kind: string, ids: Iterable<string>): string[] => [...ids].map((id) => `${kind} ${id}`);
  return [
    ...named('instance', databases.instances.keys()),
    ...named('snapshot', databases.snapshots.keys()),
    ...named('snapshot', servers.volumes.snapshots.keys()),
    ...named('volume', servers.volumes.volumes.keys()),
  ];
}

/** What is none of this system's runs, however much it looks like it: it must be there in the end. */
export function addOthers({ databases, servers, executions }: Sandbox): string[] {
  const { name } = executions.deployment.config;
  const runTag = { Key: ResourceTag.Run, Value: '20200101-0000-00000000' };
  const tags = [{ Key: ResourceTag.System, Value: name }, runTag];
  const strange = resourceName(name, runTag.Value);
  const instances = ['somebody-elses', strange];
  for (const instance of instances) databases.addInstance(instance, { status: 'available', tags });
  const [own] = databases.snapshots.values();
  if (own === undefined) throw new Error('the run took no snapshot');
  const snapshots = ['before-the-migration', strange];
  for (const identifier of snapshots) addSnapshot(databases, own, { identifier, tags });
  const [volume] = servers.volumes.volumes.values();
  if (volume === undefined) throw new Error('no server has a volume');
  const volumeSnapshot = servers.volumes.addSnapshot(volume, { description: 'before', tags, duration: 0 });
  volumeSnapshot.state = 'completed';
  const copy = servers.volumes.add({
    sizeGib: volume.sizeGib,
    availabilityZone: volume.availabilityZone,
    encrypted: true,
    tags: [...tags, { Key: ResourceTag.SourceVolume, Value: volume.volumeId }],
    snapshotId: volumeSnapshot.snapshotId,
  });
  copy.state = 'available';
  return [
    ...instances.map((id) => `instance ${id}`),
    ...[...snapshots, volumeSnapshot.snapshotId].map((id) => `snapshot ${id}`),
    `volume ${copy.volumeId}`,
  ];
}

function addSnapshot(
  databases: Sandbox['databases'],
  like: Snapshot,
  changes: Pick<Snapshot, 'identifier' | 'tags'>,
): void {
  const arn = databases.arn('snapshot', changes.identifier);
  databases.snapshots.set(changes.identifier, { ...like, arn, ...changes });
}

/** A test instance, a test volume and one that its server still holds, as the run would have made them. */
function addLeftovers({ databases, servers, executions }: Sandbox, { record }: EndedRun): Belongings {
  const { name } = executions.deployment.config;
  const tags = [
    { Key: ResourceTag.System, Value: name },
    { Key: ResourceTag.Run, Value: record.runId },
  ];
  const instance = resourceName(name, record.runId);
  databases.addInstance(instance, { status: 'available', tags, deletionProtection: false });
  const [snapshot] = [...servers.volumes.snapshots.values()].filter((each) =>
    each.tags.some(({ Value }) => Value === record.runId),
  );
  const source = servers.volumes.volumes.get(snapshot?.volumeId ?? '');
  if (snapshot === undefined || source?.attachment === undefined) throw new Error('the run saved no volume');
  const { snapshotId } = snapshot;
  const { volumeId, sizeGib, availabilityZone, attachment } = source;
  const copies = [0, 1].map(() => {
    const copy = servers.volumes.add({
      sizeGib,
      availabilityZone,
      encrypted: true,
      tags: [...tags, { Key: ResourceTag.SourceVolume, Value: volumeId }],
      snapshotId,
    });
    copy.state = 'available';
    return copy;
  });
  const [held] = copies;
  if (held !== undefined) {
    const { instanceId } = attachment;
    held.state = 'in-use';
    held.attachment = {
      instanceId,
      device: '/dev/sdz',
      state: 'attached',
      name: servers.volumes.freeName(instanceId),
    };
  }
  return { stays: [], goes: [`instance ${instance}`, ...copies.map((copy) => `volume ${copy.volumeId}`)] };
}

/** Verified snapshots of three shutdowns of the week before: with the run's own one more than two, and so two to go. */
function addEarlierRuns(sandbox: Sandbox, { record }: EndedRun, out: string): Belongings {
  const { databases, servers, executions } = sandbox;
  const { name } = executions.deployment.config;
  const own = databases.snapshots.get(resourceName(name, record.runId));
  if (own === undefined) throw new Error('the run took no snapshot');
  const ofRun = [...servers.volumes.snapshots.values()].filter(({ tags }) =>
    tags.some(({ Value }) => Value === record.runId),
  );
  const belongings: Belongings = { stays: [], goes: [] };
  for (const day of ['18', '19', '20']) {
    const runId = record.runId.replace(/^\d{8}/, `202611${day}`);
    copyEvidence(join(out, 'evidence', 'runs', name), record.runId, runId);
    const identifier = resourceName(name, runId);
    // As the closing of the newest run leaves older ones: superseded.
    const retag = <Tag extends { Key?: string | undefined; Value?: string | undefined }>(tags: Tag[]) => [
      ...tags.map((tag) => (tag.Value === record.runId ? { ...tag, Value: runId } : tag)),
      { Key: ResourceTag.Superseded, Value: MARKED },
    ];
    addSnapshot(databases, own, { identifier, tags: retag(own.tags) });
    const whose = day === '20' ? belongings.stays : belongings.goes;
    whose.push(`snapshot ${identifier}`);
    for (const { volumeId, description, tags } of ofRun) {
      const volume = servers.volumes.volumes.get(volumeId);
      if (volume === undefined) throw new Error(`volume ${volumeId} of a snapshot is not there`);
      const snapshot = servers.volumes.addSnapshot(volume, { description, tags: retag(tags), duration: 0 });
      snapshot.state = 'completed';
      whose.push(`snapshot ${snapshot.snapshotId}`);
    }
  }
  return belongings;
}

/** The evidence of another run, which tells of itself what this one's does. */
function copyEvidence(folder: string, runId: string, other: string): void {
  for (const entry of readdirSync(join(folder, runId), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = from.replace(runId, other);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, readFileSync(from, 'utf8').replaceAll(runId, other));
  }
}
