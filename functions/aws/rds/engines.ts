import type { SystemConfig } from '../../contract/config.ts';
import type { Finding } from './kind.ts';

type Database = SystemConfig['database'];

/** RDS's names of the engines, by kind. A cluster is Aurora, or a Multi-AZ DB cluster of the plain engine. */
const RDS_ENGINES: Record<Database['kind'], Record<Database['engine'], string[]>> = {
  instance: {
    postgres: ['postgres'],
    mysql: ['mysql'],
    mariadb: ['mariadb'],
    sqlserver: ['sqlserver-ee', 'sqlserver-se', 'sqlserver-ex', 'sqlserver-web'],
  },
  // RDS has no clusters of MariaDB or SQL Server.
  cluster: {
    postgres: ['aurora-postgresql', 'postgres'],
    mysql: ['aurora-mysql', 'mysql'],
    mariadb: [],
    sqlserver: [],
  },
};

/** The finding for a database whose engine is not the configured one. Another engine would be read wrongly, or not at all. */
export function wrongEngine(found = 'unknown', { kind, engine }: Database): Finding[] {
  const expected = RDS_ENGINES[kind][engine];
  if (expected.includes(found)) return [];
  const all = Object.entries(RDS_ENGINES[kind]);
  const right = all.find(([, names]) => names.includes(found))?.[0];
  return [
    {
      problem: `it runs ${found}, systems.ts says ${engine}`,
      remedy:
        right === undefined
          ? `correct database.identifier: this version backs up and proves ${all.flatMap(([, names]) => names).join(', ')} only`
          : `set database.engine to "${right}", or correct database.identifier`,
    },
  ];
}
