import type { Engine } from '../../../engines/engine.ts';
import { sqlServerEngine } from '../../../engines/sqlserver/engine.ts';
import { SqlServerError } from '../../../engines/sqlserver/errors.ts';
import { LightsOutError } from '../../../functions/contract/errors.ts';
import { type Answers, type FakeConnection, type FakeOptions, fakeConnection } from './fake-connection.ts';

/** Connections that were made since {@link forgetConnections}. */
export const connections: { database: string; connection: FakeConnection }[] = [];

export function forgetConnections(): void {
  connections.length = 0;
}

/** An engine over connections that say what they were told to. `refuse`: databases that refuse a connection, with the error's number. */
export function engine(
  answers: Answers,
  options: FakeOptions & { home?: string[]; refuse?: Record<string, string> } = {},
): Engine {
  return sqlServerEngine({
    address: 'db.example.com',
    port: 1433,
    home: options.home,
    connect: async (database) => {
      const code = options.refuse?.[database];
      if (code !== undefined)
        throw new LightsOutError('DatabaseUnreachable', 'refused', { cause: new SqlServerError(code, 'no') });
      const connection = fakeConnection(answers, options);
      connections.push({ database, connection });
      return connection;
    },
  });
}

/** Everything that was asked, over all connections. */
export const statements = (): string[] => connections.flatMap(({ connection }) => connection.statements);
