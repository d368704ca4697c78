import type { Engine } from './engine.ts';
import type { EngineName } from './manifest.ts';
import type { ServerTarget } from './target.ts';

export interface EngineTarget extends ServerTarget {
  engine: EngineName;
  /** PostgreSQL and SQL Server: databases to connect to for questions about the server. The first that exists is used. */
  home: string[];
}

/**
 * Makes the engine of a server. Only this file knows which engines there are. Each engine is loaded when it is needed, so that a
 * function does not load the drivers of the others.
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
