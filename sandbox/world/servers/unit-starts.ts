import type { SimulatedClock } from '../../play/clock.ts';
import type { UnitOptions } from './unit-options.ts';

const SECOND = 1_000;

/** How services come up, in milliseconds of simulated time. */
export const UNIT_DURATIONS = {
  /** From `running` until the operating system starts the first service. */
  boot: 15 * SECOND,
  /** From one service to the next. */
  each: 3 * SECOND,
  /** World fault `service-flaps`: how long the service is up before it falls. */
  up: 8 * SECOND,
  /** And how long its manager waits before it starts it again (systemd: `RestartSec=`). */
  restart: 5 * SECOND,
} as const;

/** What a service manager does to one of its units when {@link UnitStarts} says so. */
export interface UnitActions {
  /** The unit runs from now on. */
  launch(unit: string): void;
  /** The unit has failed to start. */
  fail(unit: string): void;
  /** The unit has fallen down and is about to be started again: `activating` for systemd. */
  fall(unit: string): void;
  isActive(unit: string): boolean;
}

/**
 * What happens to services when their server starts, or when somebody starts them: one and the same for both kinds of service manager.
 * Enabled units start with their server, one after the other: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html, "enable".
 */
export class UnitStarts {
  readonly #units: readonly UnitOptions[];
  readonly #clock: SimulatedClock;
  readonly #actions: UnitActions;
  /** What is to happen to a unit, by its name. */
  readonly #planned = new Map<string, () => void>();
  readonly #fallen = new Map<string, number>();
  #hasBooted = false;

  constructor(units: readonly UnitOptions[], clock: SimulatedClock, actions: UnitActions) {
    this.#units = units;
    this.#clock = clock;
    this.#actions = actions;
  }

  /** The server starts. The first time is the beginning of the world: every service has long been up. */
  boot(): void {
    if (!this.#hasBooted) {
      this.#hasBooted = true;
      for (const { name } of this.#units) this.#actions.launch(name);
      return;
    }
    let wait = UNIT_DURATIONS.boot;
    for (const unit of this.#units) {
      if (unit.isDisabled === true) {
        unit.onFault?.('service-not-enabled');
        continue;
      }
      this.#plan(unit.name, wait, () => {
        this.start(unit.name);
        if (this.#actions.isActive(unit.name)) unit.onBoot?.();
      });
      wait += UNIT_DURATIONS.each;
    }
  }

  /** Somebody, or the server's start, starts a unit that is not up. */
  start(name: string): void {
    const unit = this.#units.find((each) => each.name === name);
    if (unit === undefined) return;
    this.forget(name);
    if (unit.isBroken === true) {
      unit.onFault?.('service-will-not-start');
      this.#actions.fail(name);
      return;
    }
    this.#actions.launch(name);
    const fallen = this.#fallen.get(name) ?? 0;
    if (fallen >= (unit.falls ?? 0)) return;
    this.#plan(name, UNIT_DURATIONS.up, () => {
      if (!this.#actions.isActive(name)) return;
      unit.onFault?.('service-flaps');
      this.#fallen.set(name, fallen + 1);
      this.#actions.fall(name);
      this.#plan(name, UNIT_DURATIONS.restart, () => this.start(name));
    });
  }

  /** What was to happen to a unit does not: it is stopped. */
  forget(name: string): void {
    this.#planned.get(name)?.();
    this.#planned.delete(name);
  }

  /** Power off: nothing that was to happen does. */
  forgetAll(): void {
    for (const name of [...this.#planned.keys()]) this.forget(name);
  }

  #plan(name: string, milliseconds: number, act: () => void): void {
    this.#planned.set(
      name,
      this.#clock.after(milliseconds, () => {
        this.#planned.delete(name);
        act();
      }),
    );
  }
}
