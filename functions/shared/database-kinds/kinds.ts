import type { SystemConfig } from '../contract/config.ts';
import { instanceKind } from './instance/instance.ts';
import type { DatabaseKind } from './kind.ts';

const KINDS: Record<SystemConfig['database']['kind'], DatabaseKind> = {
  instance: instanceKind,
};

/** The kind of a system's database, as its configuration says it. */
export function kindOf({ database }: Pick<SystemConfig, 'database'>): DatabaseKind {
  return KINDS[database.kind];
}
