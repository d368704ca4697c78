import { connect } from 'node:net';
import type { HealthCheck } from '../../contract/health-config.ts';
import { LOOK_MILLISECONDS, type Look, TOO_LATE } from './look-result.ts';
import { errorWords, safeAnswer } from './safe-answer.ts';

type TcpCheck = NonNullable<HealthCheck['tcp']>;

/** A proxy accepts a connection for a dead service too, and closes it at once. A connection counts that lasts this long, in milliseconds. */
const LASTS_MILLISECONDS = 300;

/** Makes a connection and closes it. Never rejects. */
export function lookAtTcp({ host, port }: TcpCheck): Promise<Look> {
  const { promise, resolve } = Promise.withResolvers<Look>();
  const socket = connect({ host, port });
  const timer = setTimeout(() => end(false, TOO_LATE), LOOK_MILLISECONDS);
  const end = (green: boolean, answer: string): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ green, answer });
  };
  const accepted = (): void => end(true, 'the connection was accepted');
  socket.once('connect', () => socket.setTimeout(LASTS_MILLISECONDS, accepted));
  socket.once('data', accepted);
  socket.on('error', (error) => end(false, safeAnswer(errorWords(error))));
  socket.once('close', () => end(false, 'the connection was accepted and closed at once'));
  return promise;
}
