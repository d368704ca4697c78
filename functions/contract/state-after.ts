import type { Recovery } from './recovery.ts';
import type { ShutdownState } from './state.ts';

type Parts<Keys extends keyof ShutdownState> = Pick<ShutdownState, Keys>;

/**
 * What the state of a run certainly holds after a step, by the step's key in the catalogue (`steps.ts`), in its order. Steps that only some runs have add
 * nothing for certain to the steps after them, except to those that the same runs have.
 */
interface Certain {
  plan: Parts<'run' | 'config' | 'plan'>;
  inspect: Certain['plan'] & Parts<'inspection'>;
  announce: Certain['inspect'] & Parts<'acceptance' | 'announcement'>;
  drain: Certain['announce'] & Parts<'drain'>;
  services: Certain['drain'] & Parts<'services'>;
  snapshot: Certain['services'] & { backup: Pick<ShutdownState['backup'], 'snapshot'> };
  restore: Certain['snapshot'] & Parts<'restore'>;
}

/** The state of a run as far as the run got. A run that ended while branches were under way may hold one branch's answer alone. */
export type ReachedState = Partial<Omit<ShutdownState, 'backup' | 'off'>> & {
  backup?: Partial<ShutdownState['backup']>;
  off?: Partial<ShutdownState['off']>;
  /** Of a run that CleanUp closes. */
  recovery?: Recovery;
};

/** The state of a run as its execution left it, taken up by CleanUp. */
export type RecoveredState = ReachedState & { recovery: Recovery };

/**
 * Parts of a run's state as a step finds them: what has certainly happened after `Step` is there, all else may be missing.
 *
 * @example
 * type State = StateAfter<'services', 'config' | 'services' | 'backup'>; // `services` is there, `backup?.snapshot` may be missing
 */
export type StateAfter<Step extends keyof Certain, Keys extends keyof ReachedState> = Pick<
  ReachedState & Certain[Step],
  Keys
>;
