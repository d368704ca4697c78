import type { WorldFault } from '../faults.ts';

/** A service of a server, and what is wrong with it. */
export interface UnitOptions {
  name: string;
  /** Ignores being stopped: the world fault `service-hangs`. */
  hangs: boolean;
  /** Called when it was told to stop and does not. */
  onHang?: () => void;
  /** Units that need this one: systemd stops them with it (the world fault `service-has-dependents`). */
  requiredBy?: string[];
  /** Does not come up with its server: the world fault `service-not-enabled`. */
  isDisabled?: boolean;
  /** Fails whenever it is started: the world fault `service-will-not-start`. */
  isBroken?: boolean;
  /** How often it falls down after it was started: the world fault `service-flaps`. */
  falls?: number;
  /** Called when it has come up with its server. Not at the beginning of the world. */
  onBoot?: () => void;
  /** Called when one of these faults strikes. */
  onFault?: (name: WorldFault['world']) => void;
}
