import type { Engine, Inspected, InspectQuestion } from '../../../engines/engine.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';

/** If a connection breaks during a look, the look is repeated: the server or the network may have closed that one connection. */
const TRIES = 3;

/**
 * Looks at a server, again if the connection broke.
 *
 * @throws LightsOutError `DatabaseUnreachable` when the connection broke each time; any other error of the look itself.
 */
export async function inspectPatiently(engine: Engine, question: InspectQuestion): Promise<Inspected> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await engine.inspect(question);
    } catch (error) {
      if (!engine.isConnectionProblem(error)) throw error;
      if (tries < TRIES) continue;
      throw new LightsOutError(
        ErrorName.DatabaseUnreachable,
        `the server at ${engine.endpoint} broke off the connection ${TRIES} times while it was looked at (${engine.describe(error)}); ` +
          'expected an answer: look at its log, and at what lies between it and network.subnetIds',
        { cause: error },
      );
    }
  }
}
