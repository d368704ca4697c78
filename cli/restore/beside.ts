import type { Tag } from '@aws-sdk/client-rds';
import type { RunSnapshot } from './snapshots.ts';

/** A database that is made beside the system's own. */
export interface Beside {
  identifier: string;
  snapshot: RunSnapshot;
}

/** How it stands, in the words of RDS. */
export interface RestoredDatabase {
  arn: string;
  status: string;
  tags: Tag[];
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
   * @throws BadInputError when the source is gone, whose settings it is to have.
   */
  request(beside: Beside): Promise<void>;
  /** The commands by which the restored one takes the old one's name, so that the CRM finds it where it looked. */
  renaming(beside: Beside): string[];
}

/**
 * Says of a database which snapshot it was restored from. None of the tags by which functions know what is theirs: nothing of Lights Out may
 * ever delete it.
 */
export const RESTORED_FROM = 'lights-out:restored-from';

/** RDS's limit for the name of a database: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html */
export const LONGEST_NAME = 63;

/** A name that RDS takes: letters, digits and single hyphens, beginning with a letter, ending in no hyphen. */
export const LEGAL_NAME = /^[A-Za-z](?:-?[A-Za-z0-9])*$/;

/** What is added to a cluster's name for its writer. */
export const WRITER_SUFFIX = '-writer';

/** The name of the restored database. It follows from the run, so that a repeated command finds what it has made. */
export function nameBeside(database: string, run: string): string {
  const suffix = `-restored-${run}`;
  const longest = LONGEST_NAME - suffix.length - WRITER_SUFFIX.length;
  return `${database.slice(0, longest).replace(/-+$/, '')}${suffix}`;
}
