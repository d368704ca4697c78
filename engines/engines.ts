import type { Engine } from './engine.ts';
import type { EngineName } from './manifest.ts';
import type { ServerTarget } from './target.ts';

export interface EngineTarget extends ServerTarget {
  engine: EngineName;
  /** PostgreSQL and SQL Server: databases from which the server is looked at, the first that exists. */
  home: string[];
}

/**
 * The engine of a server: the one place that knows which there are. Each is loaded when it is needed, so that a function does not load
 * the drivers of the others.
 */
export async function engineFor({ engine, home, ...target }: EngineTarget): Promise<Engine> {
  switch (engine) {
    case 'postgres':
      return (await import('./postgres/engine.ts')).connectedPostgresEngine(target, home);
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql/engine.ts')).connectedMysqlEngine(target);
    case 'sqlserver':
      return (await import('./sqlserver/engine.ts')).connectedSqlServerEngine(target, home);
  }
}
