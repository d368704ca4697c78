import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import type { Reason } from '../functions/contract/plan-state.ts';
import type { Inspected, InspectQuestion, SessionFilter } from './engine.ts';

/** Errors about the database or its configuration rather than about AWS. */
const OF_THE_DATABASE: string[] = [ErrorName.DatabaseUnreachable, ErrorName.InvalidConfiguration];

/** Runs the parts of a look at a server. An error in one part becomes a reason, and the other parts go on. */
export class InspectionParts {
  readonly reasons: Reason[] = [];
  readonly #resource: string;
  readonly #remedy: (error: unknown) => string;
  readonly #ownWords: (error: unknown) => string | undefined;

  /**
   * @param remedy says what to do about an error.
   * @param ownWords the server's own error in words that quote no value. Undefined for any other error, which is thrown again.
   */
  constructor(
    resource: string,
    remedy: (error: unknown) => string,
    ownWords: (error: unknown) => string | undefined,
  ) {
    this.#resource = resource;
    this.#remedy = remedy;
    this.#ownWords = ownWords;
  }

  /** @param what the part, e.g. `database "crm"`. */
  async attempt<Value>(what: string, work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      this.reasons.push(this.#reasonFor(error, what));
      return undefined;
    }
  }

  #reasonFor(error: unknown, what: string): Reason {
    const resource = this.#resource;
    if (isOfDatabase(error)) return { resource, problem: error.message, remedy: this.#remedy(error) };
    const words = error instanceof LightsOutError ? undefined : this.#ownWords(error);
    if (words === undefined) throw error;
    return {
      resource,
      problem: `${what} could not be looked at (${words})`,
      remedy: 'look the code up in the database’s log; a count fails when drain.sessionQuery is wrong',
    };
  }
}

/** True for an error that becomes a reason and does not fail the run. */
export function isOfDatabase(error: unknown): error is LightsOutError {
  return error instanceof LightsOutError && OF_THE_DATABASE.includes(error.name);
}

/** A comparison of nothing proves nothing. This reason is given only when no other reason explains it. */
export function noTable({ databases, reasons }: Inspected, { resource }: InspectQuestion): Reason[] {
  if (reasons.length > 0 || databases.some(({ tables }) => tables > 0)) return [];
  return [
    {
      resource,
      problem: 'no database on it holds a table, so a backup could not be proved',
      remedy: 'check database.identifier and database.databases',
    },
  ];
}

/** The filter by which the drain will count people. */
export function sessionsAsked({ drain, wanted }: InspectQuestion): SessionFilter {
  const { ignoreUsers, ignoreApplications, sessionQuery } = drain;
  return { ignoreUsers, ignoreApplications, sessionQuery, databases: wanted };
}
