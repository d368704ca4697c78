import type { Tag } from '@aws-sdk/client-rds';
import { writerName } from '../../functions/aws/rds/cluster/writer-name.ts';
import { RESOURCE_PREFIX } from '../../functions/contract/keys.ts';
import { shown } from '../../functions/contract/shown.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';
import type { Given } from './given.ts';
import type { RunSnapshot } from './snapshots.ts';

/** A database that is made beside the system's own. */
export interface Beside {
  identifier: string;
  snapshot: RunSnapshot;
  given: Given;
}

/** How it stands, in the words of RDS. */
export interface RestoredDatabase {
  arn: string;
  status: string;
  /** What it consists of so far: a cluster has a writer too. */
  parts: { arn: string; status: string; tags: Tag[] }[];
  address?: string;
  port?: number;
  /** `further`: a part of it has still to be asked for. `ended`: waiting does not make it ready. */
  progress: 'ready' | 'on the way' | 'further' | 'ended';
}

/** The two kinds of database, as the command needs them. Each request may be repeated. */
export interface RestoringKind {
  find(identifier: string): Promise<RestoredDatabase | undefined>;
  /**
   * Asks for it, or for its next part.
   *
   * @throws BadInputError when the source is gone, whose settings it is to have, and they are not given either.
   */
  request(beside: Beside): Promise<void>;
  /** The commands by which the restored one takes the old one's name, so that the CRM finds it where it looked. */
  renaming(beside: Beside): string[];
}

/** RDS took the request, and no database that can be used came of it. The message says what to do. */
export class NotRestoredError extends Error {}

/**
 * Says of a database which snapshot it was restored from; the snapshot's name holds the system and the run. It is the only tag of Lights Out on
 * it: the functions' roles may delete by name and by the tag `lights-out:system`, and the sweeper looks for `lights-out:run` as well.
 */
export const RESTORED_FROM = 'lights-out:restored-from';

/** RDS's limit for the name of a database: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html */
const LONGEST_NAME = 63;

/** A cluster's writer is called after it, and has the same limit. */
const LONGEST_CLUSTER_NAME = LONGEST_NAME - writerName('').length;

/** A name that RDS takes: letters, digits and single hyphens, beginning with a letter, ending in no hyphen. */
const LEGAL_NAME = /^[A-Za-z](?:-?[A-Za-z0-9])*$/;

/** The name of the restored database. It follows from the run, so that a repeated command finds what it has made. */
export function nameBeside(database: string, run: string): string {
  const suffix = `-restored-${run}`;
  return `${database.slice(0, LONGEST_CLUSTER_NAME - suffix.length).replace(/-+$/, '')}${suffix}`;
}

/**
 * The name that the operator wants, else the one that follows from the run.
 *
 * @throws BadInputError for a name that RDS does not take, or that is the source's or a test instance's.
 */
export function nameOf(
  database: { identifier: string; kind: 'instance' | 'cluster' },
  run: string,
  wanted: string | undefined,
): string {
  const usual = nameBeside(database.identifier, run);
  const name = wanted ?? usual;
  const longest = database.kind === 'cluster' ? LONGEST_CLUSTER_NAME : LONGEST_NAME;
  const said = wanted === undefined ? `the name ${name}, which follows from the run` : `--as ${shown(name)}`;
  if (name.length > longest || !LEGAL_NAME.test(name))
    throw new BadInputError(
      `${said}: expected at most ${longest} letters, digits and single hyphens, beginning with a letter, e.g. --as "${usual}"`,
    );
  if (name.toLowerCase().startsWith(`${RESOURCE_PREFIX}-`))
    throw new BadInputError(
      `${said}: names that begin with "${RESOURCE_PREFIX}-" are those of test instances, which runs delete; expected another name: --as NAME`,
    );
  if (name.toLowerCase() === database.identifier.toLowerCase())
    throw new BadInputError(
      `${said}: this is the system's own database, which is never written over; expected another name`,
    );
  return name;
}

/** RDS may list a database before its tags: as long as one is being made without any, nobody can tell whose it is. */
export function isUndecided({ parts }: RestoredDatabase): boolean {
  const untagged = parts.filter(({ tags }) => tags.length === 0);
  return untagged.length > 0 && untagged.every(({ status }) => status === 'creating');
}

/** @throws BadInputError for a database of that name, or a part of it, which this command has not restored from this snapshot. */
export function requireRestored({ parts }: RestoredDatabase, { identifier, snapshot }: Beside): void {
  for (const { arn, tags } of parts) {
    const from = tags.find(({ Key }) => Key === RESTORED_FROM)?.Value;
    if (from === snapshot.identifier) continue;
    throw new BadInputError(
      `${identifier}: there is a database of this name already (${arn}), ${from === undefined ? 'which this command has not made' : `restored from ${from}`}; nothing was touched. Expected a name that is free: --as NAME`,
    );
  }
}
