import type { SqlServerConnection } from '../../../engines/sqlserver/connection.ts';
import type { Row, ServerMessage } from '../../../engines/sqlserver/driver.ts';

/** What is said to the statements that match: rows, or an error. The first that matches counts. */
export type Answers = [statement: RegExp, answer: Row[] | Error | ((sql: string) => Row[])][];

export interface FakeConnection extends SqlServerConnection {
  /** Everything that was asked, in order. */
  statements: string[];
  closed: number;
}

export interface FakeOptions {
  major?: number;
  /** Messages of DBCC. */
  errors?: [statement: RegExp, answer: ServerMessage[] | Error][];
}

/** A connection that answers only what it was told to: any other statement is an error. */
export function fakeConnection(
  answers: Answers,
  { major = 16, errors = [] }: FakeOptions = {},
): FakeConnection {
  const statements: string[] = [];
  const ask = (sql: string): Row[] => {
    statements.push(sql);
    const found = answers.find(([statement]) => statement.test(sql));
    if (found === undefined) throw new Error(`not told what to say to: ${sql}`);
    const [, answer] = found;
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(sql) : answer;
  };
  const connection: FakeConnection = {
    major,
    version: `${major}.0.1000.6`,
    statements,
    closed: 0,
    query: async (sql) => ask(sql),
    stream: async (sql, onRow) => {
      for (const row of ask(sql)) onRow(row);
    },
    errorsOf: async (sql) => {
      statements.push(sql);
      const found = errors.find(([statement]) => statement.test(sql));
      if (found === undefined) throw new Error(`not told what to say to: ${sql}`);
      if (found[1] instanceof Error) throw found[1];
      return found[1];
    },
    close: async () => {
      connection.closed += 1;
    },
  };
  return connection;
}
