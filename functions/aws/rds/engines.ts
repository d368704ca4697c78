import type { SystemConfig } from '../../contract/config.ts';
import type { Finding } from './kind.ts';

type Database = SystemConfig['database'];

/** What RDS calls the engines, by kind: a cluster is Aurora, or a Multi-AZ DB cluster of the plain engine. */
const RDS_ENGINES: Record<Database['kind'], Record<Database['engine'], string[]>> = {
  instance: {
    postgres: ['postgres'],
    mysql: ['mysql'],
    mariadb: ['mariadb'],
    sqlserver: ['sqlserver-ee', 'sqlserver-se', 'sqlserver-ex', 'sqlserver-web'],
  },
  // There are no clusters of MariaDB and of SQL Server.
  cluster: {
    postgres: ['aurora-postgresql', 'postgres'],
    mysql: ['aurora-mysql', 'mysql'],
    mariadb: [],
    sqlserver: [],
  },
};

/** The engine that RDS names must be the one that the configuration names: another would be read in a wrong way, or not at all. */
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
