import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverUser } from './binaries.ts';

/** Characters kept of what a server says, for the message when it ends. */
const KEPT_WORDS = 4000;

/** How often, in milliseconds, a server that starts is asked. */
const ASK_EVERY = 25;

/** How long a server may take to start, in milliseconds. */
const START_WITHIN = 20_000;

/** The process of a database server: it ends with this one, however that ends. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  #words = '';

  /** @param name - for messages: `PostgreSQL in /tmp/…`. */
  constructor(name: string, program: string, programArguments: string[]) {
    this.#name = name;
    const child = spawn(program, programArguments, {
      ...serverUser,
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own: Ctrl-C reaches the rehearsal, which ends its servers in their order.
      detached: true,
    });
    this.#child = child;
    running.add(child);
    child.stderr?.on('data', (data: Buffer) => {
      this.#words = (this.#words + data.toString('utf8')).slice(-KEPT_WORDS);
    });
    child.once('error', (error) => {
      this.#words += error.message;
      running.delete(child);
    });
    child.once('exit', () => running.delete(child));
  }

  get running(): boolean {
    return running.has(this.#child);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} has no process`);
    return this.#child.pid;
  }

  /** @throws Error with the server's own words when it ends, or takes too long. */
  async untilReady(answers: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; waited < START_WITHIN; waited += ASK_EVERY) {
      if (!this.running) throw new Error(`${this.#name} ended at once: ${this.#words}`);
      if (await answers()) return;
      await sleep(ASK_EVERY);
    }
    throw new Error(`${this.#name} took no connection within ${START_WITHIN / 1000} s: ${this.#words}`);
  }

  /** Asks it to end and waits until it has. */
  async end(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

/** Servers that must not outlive this process. One that is stopped for a copy hears nothing but SIGKILL. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) {
    child.kill('SIGQUIT');
    child.kill('SIGCONT');
  }
});
