import type { SimulatedClock } from '../../play/clock.ts';
import { faultOf, type WorldFault } from '../faults.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long after `running` things are there, in milliseconds of simulated time. */
export const AFTER_RUNNING = {
  /** Both status checks have passed: EC2 makes them every minute (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html). */
  checks: 150 * SECOND,
  /** The SSM agent has called Systems Manager. */
  agent: 25 * SECOND,
} as const;

/** As EC2 says it: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusSummary.html */
export type CheckStatus = 'ok' | 'impaired' | 'initializing' | 'not-applicable';

/** What a start knows of its server. */
interface Starting {
  name: string;
  state: string;
  /** Since when it is `running`, or was last: simulated time, in milliseconds. */
  runningSince: number;
  /** It was started again in this world. */
  hasStarted: boolean;
}

interface Options {
  clock: SimulatedClock;
  faults: readonly WorldFault[];
  /** Name of the server that a fault means which names none. */
  first: string | undefined;
  onFault?: ((name: WorldFault['world']) => void) | undefined;
}

/** Faults of a server's start that name it, or mean the first one. */
type ServerFault =
  | 'no-capacity'
  | 'status-checks-slow'
  | 'status-check-fails'
  | 'agent-late'
  | 'start-stays-stopped';

/** What may go wrong when a server starts. */
export class ServerStarts {
  readonly #options: Options;
  #refusals = 0;
  #refusedSince: number | undefined;
  #fallenBack = 0;
  #isLifted = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** From now on nothing goes wrong any more. */
  lift(): void {
    this.#isLifted = true;
  }

  /** Whether EC2 has room for a server that is to start now. Asked once a call. */
  hasRoomFor(server: Starting): boolean {
    const fault = this.#faultOf('no-capacity', server);
    if (fault === undefined) return true;
    const now = this.#options.clock.now();
    this.#refusedSince ??= now;
    const isOver =
      (fault.times !== undefined && this.#refusals >= fault.times) ||
      (fault.minutes !== undefined && now >= this.#refusedSince + fault.minutes * MINUTE);
    if (isOver) return true;
    this.#refusals += 1;
    this.#options.onFault?.('no-capacity');
    return false;
  }

  /** Whether a server that starts now falls back to `stopped`. Asked once a start. */
  fallsBack(server: Starting): boolean {
    const fault = this.#faultOf('start-stays-stopped', server);
    if (fault === undefined || this.#fallenBack >= (fault.times ?? Number.POSITIVE_INFINITY)) return false;
    this.#fallenBack += 1;
    this.#options.onFault?.('start-stays-stopped');
    return true;
  }

  /** Whether the SSM agent of a running server has called Systems Manager since it started. */
  hasAgentCalled(server: Starting): boolean {
    return this.#options.clock.now() >= this.agentCallsAt(server);
  }

  /** When the SSM agent of a running server calls, or called: simulated time, in milliseconds. */
  agentCallsAt(server: Starting): number {
    const late = server.hasStarted ? this.#faultOf('agent-late', server) : undefined;
    if (late !== undefined && server.state === 'running') this.#options.onFault?.('agent-late');
    return server.runningSince + (late === undefined ? AFTER_RUNNING.agent : late.minutes * MINUTE);
  }

  /** What the status checks of a server say now. */
  checksOf(server: Starting): Record<'instance' | 'system', CheckStatus> {
    if (server.state !== 'running') return { instance: 'not-applicable', system: 'not-applicable' };
    const slow = server.hasStarted ? this.#faultOf('status-checks-slow', server) : undefined;
    const known = server.runningSince + (slow === undefined ? AFTER_RUNNING.checks : slow.minutes * MINUTE);
    if (slow !== undefined) this.#options.onFault?.('status-checks-slow');
    if (this.#options.clock.now() < known) return { instance: 'initializing', system: 'initializing' };
    const failing = server.hasStarted ? this.#faultOf('status-check-fails', server) : undefined;
    if (failing !== undefined) this.#options.onFault?.('status-check-fails');
    return {
      instance: failing?.check === 'instance' ? 'impaired' : 'ok',
      system: failing?.check === 'system' ? 'impaired' : 'ok',
    };
  }

  #faultOf<Name extends ServerFault>(
    name: Name,
    server: Starting,
  ): Extract<WorldFault, { world: Name }> | undefined {
    const fault = this.#isLifted ? undefined : faultOf(this.#options.faults, name);
    const named: string | undefined = fault?.server ?? this.#options.first;
    return named === server.name ? fault : undefined;
  }
}
