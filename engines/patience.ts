import { pause } from '../functions/contract/pause.ts';

/**
 * Pauses before another try, in milliseconds, when the network or the server was away. The name of an instance that has just become
 * available may not resolve yet. The pauses last 2.5 s in all, since people wait for a plan.
 */
const PAUSES_MILLISECONDS = [500, 2_000];

/** Makes a connection, and tries again after short pauses when the network was the problem. A refusal is final. */
export async function connectPatiently<Connection>(
  connect: () => Promise<Connection>,
  isConnectionProblem: (error: unknown) => boolean,
): Promise<Connection> {
  for (const milliseconds of PAUSES_MILLISECONDS) {
    try {
      return await connect();
    } catch (error) {
      if (!isConnectionProblem(error)) throw error;
      await pause(milliseconds);
    }
  }
  return connect();
}
