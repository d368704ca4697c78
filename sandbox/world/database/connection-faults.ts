import type { Socket } from 'node:net';
import type { LambdaFunction } from '../../play/lambda/lambda.ts';
import type { FaultInjector } from '../fault-injection.ts';
import { CONNECTING } from '../faults.ts';
import type { Verdict } from './watched-join.ts';

/** What goes wrong with one connection. */
export interface Disturbance {
  /** Before anything is said. */
  atOnce: 'refused' | 'hangs' | undefined;
  /** In place of the server's answer to the sign-in. */
  refusal: 'too-many-connections' | 'starting-up' | 'password-refused' | undefined;
  /** Called at each query: what becomes of the connection. */
  onQuery(client: Socket): Verdict;
  /** The client hears nothing from now on. */
  onHang(client: Socket): void;
}

/** A connection that a function made, for the sweep: what there is to disturb. */
export interface SeenConnection {
  function: string;
  on: 'source' | 'copy';
  /** Asked on it so far. */
  queries: number;
}

/** How long a function may take to give up a connection that hangs once its time-outs are over, in milliseconds of real time. */
const GIVES_UP_WITHIN = 5_000;

/** Watches the connections between functions and servers, and disturbs those that a fault hits. */
export class ConnectionWatch {
  readonly seen: SeenConnection[] = [];
  /** Functions that did not end a hanging connection by a time-out of their own. */
  readonly hung: string[] = [];
  readonly #functions: readonly LambdaFunction[];
  readonly #injector: FaultInjector;
  readonly #passesTime: boolean;

  /** @param passesTime - time-outs fire at once where something hangs; else they pass in reality. */
  constructor(functions: readonly LambdaFunction[], injector: FaultInjector, passesTime: boolean) {
    this.#functions = functions;
    this.#injector = injector;
    this.#passesTime = passesTime;
  }

  /** A function connects. No two that connect work at the same moment, so whoever works is the one. */
  next(on: 'source' | 'copy'): Disturbance {
    const who = this.#functions.find(
      ({ isBusy, deployed }) => isBusy && (CONNECTING as readonly string[]).includes(deployed.step),
    );
    const seen: SeenConnection = { function: who?.deployed.step ?? '', on, queries: 0 };
    if (!this.#injector.isPaused) this.seen.push(seen);
    const fault = this.#injector.nextConnection(seen.function, on);
    const kind = fault?.kind;
    const query = fault?.query ?? 1;
    const onHang = (client: Socket): void => this.#letPass(who, client);
    const refusals = ['too-many-connections', 'starting-up', 'password-refused'] as const;
    return {
      atOnce: kind === 'refused' ? kind : kind === 'hangs' && query === 0 ? kind : undefined,
      refusal: refusals.find((each) => each === kind),
      onHang,
      onQuery: (client) => {
        seen.queries += 1;
        if (seen.queries !== query || (kind !== 'cut' && kind !== 'hangs')) return 'goes on';
        if (kind === 'hangs') onHang(client);
        return kind;
      },
    };
  }

  /** Lets the time-outs of the function fire; when none ends the connection, Lambda's own ends the function. */
  #letPass(who: LambdaFunction | undefined, client: Socket): void {
    if (who === undefined || !this.#passesTime) return;
    const { step, timeoutSeconds } = who.deployed;
    who.pass(timeoutSeconds * 1000);
    const timer = setTimeout(() => {
      this.hung.push(step);
      who.end('timed-out');
    }, GIVES_UP_WITHIN);
    client.once('close', () => clearTimeout(timer));
  }
}
