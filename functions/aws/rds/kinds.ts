import type { SystemConfig } from '../../contract/config.ts';
import { clusterKind } from './cluster/cluster.ts';
import { instanceKind } from './instance/instance.ts';
import type { DatabaseKind } from './kind.ts';

const KINDS: Record<SystemConfig['database']['kind'], DatabaseKind> = {
  instance: instanceKind,
  cluster: clusterKind,
};

/** The kind of a system's database, by its configuration. */
export function databaseKindOf({ database }: Pick<SystemConfig, 'database'>): DatabaseKind {
  return KINDS[database.kind];
}

/** The other kinds, for a database that RDS does not have as the configured kind. */
export function otherKinds({ database }: Pick<SystemConfig, 'database'>): [string, DatabaseKind][] {
  return Object.entries(KINDS).filter(([kind]) => kind !== database.kind);
}
