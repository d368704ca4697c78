import type { SimulatedClock } from '../../play/clock.ts';
import type { Session } from '../database/database-server.ts';

export interface UsersOptions {
  clock: SimulatedClock;
  /** How many are signed in at the beginning. */
  count: number;
  /** Signs one in: a real connection, as the CRM's web server makes it. */
  signIn(): Promise<Session>;
  maintenance(): boolean;
  /** One of them never leaves: the world fault `session-stays`. */
  oneStays: boolean;
  /** Called when that one could leave and does not. */
  onStay?: () => void;
}

const SECOND = 1000;
const CLICK_EVERY = 45 * SECOND;
const LOOK_EVERY = 10 * SECOND;
/** Nobody is there to see the page. */
const LOOK_WHEN_AWAY = 600 * SECOND;
const FIRST_LEAVES_AFTER = 40 * SECOND;
const NEXT_LEAVES_AFTER = 50 * SECOND;

/** People who use the CRM: each has a real session, clicks now and then, and signs out some time after maintenance mode is on. */
export class Users {
  readonly #options: UsersOptions;
  #sessions: (Session | undefined)[] = [];
  #sawMaintenance: number | undefined;
  #stopped = false;
  /** Users who wait for an answer: nobody clicks twice at once. */
  readonly #waiting = new Set<number>();

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (let user = 0; user < this.#options.count; user += 1) {
      this.#sessions.push(await this.#options.signIn());
      this.#click(user);
    }
    this.#look();
  }

  /** Signed in at this moment. */
  get signedIn(): number {
    return this.#sessions.filter((session) => session !== undefined).length;
  }

  #click(user: number): void {
    this.#options.clock.after(CLICK_EVERY + user * SECOND, () => {
      // Whoever has signed out clicks no more.
      if (this.#stopped || this.#sessions[user] === undefined) return;
      void this.#ask(user);
      this.#click(user);
    });
  }

  async #ask(user: number): Promise<void> {
    const session = this.#sessions[user];
    if (session === undefined || this.#waiting.has(user)) return;
    this.#waiting.add(user);
    try {
      await session.query('SELECT 1');
    } catch {
      // A session that was cut by the database's end is over; its user notices at the next click.
      this.#sessions[user] = undefined;
    } finally {
      this.#waiting.delete(user);
    }
  }

  #look(): void {
    this.#options.clock.after(this.signedIn > 0 ? LOOK_EVERY : LOOK_WHEN_AWAY, () => {
      if (this.#stopped) return;
      if (this.#options.maintenance()) this.#leave();
      else this.#sawMaintenance = undefined;
      this.#look();
    });
  }

  /** Staggered, the same at every run. */
  #leave(): void {
    const now = this.#options.clock.now();
    this.#sawMaintenance ??= now;
    const since = now - this.#sawMaintenance;
    this.#sessions.forEach((session, user) => {
      const stays = this.#options.oneStays && user === 0;
      if (stays) this.#options.onStay?.();
      if (session === undefined || stays || since < FIRST_LEAVES_AFTER + user * NEXT_LEAVES_AFTER) return;
      this.#sessions[user] = undefined;
      void session.end();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const open = this.#sessions.filter((session) => session !== undefined);
    this.#sessions = [];
    await Promise.allSettled(open.map((session) => session.end()));
  }
}
