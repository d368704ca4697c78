import type { HealthCheck, HealthKind } from '../../../functions/contract/health-config.ts';
import type { WorldFault } from '../faults.ts';

type Fault = Extract<WorldFault, { world: `health-${string}` }>;

/** Checks that each fault can strike, where it names none: the first of such a kind. */
const KINDS: Record<Fault['world'], readonly HealthKind[]> = {
  'health-never-green': ['http', 'tcp', 'script'],
  'health-flaps': ['http', 'tcp', 'script'],
  'health-sees-maintenance-page': ['http'],
  'health-hangs': ['http', 'script'],
};

interface Options {
  checks: readonly HealthCheck[];
  faults: readonly WorldFault[];
  onFault(name: WorldFault['world']): void;
  isLifted(): boolean;
}

/** What the faults of the world make of the looks at health checks. */
export class HealthFaults {
  readonly #options: Options;
  readonly #faults: readonly Fault[];
  /** Of each fault: green looks since it last struck, and how often it did. */
  readonly #counts = new Map<Fault, { greens: number; struck: number }>();

  constructor(options: Options) {
    this.#options = options;
    this.#faults = options.faults.filter((fault): fault is Fault => fault.world.startsWith('health-'));
  }

  /** What becomes of a look at a check that would be `green` by itself. Undefined: nothing strikes. */
  strike(check: HealthCheck, green: boolean): 'red' | 'hangs' | undefined {
    for (const fault of this.#on(check)) {
      const count = this.#count(fault);
      if (fault.world === 'health-never-green') return this.#struck(fault, 'red');
      if (fault.world === 'health-hangs' && count.struck < (fault.times ?? Number.POSITIVE_INFINITY))
        return this.#struck(fault, 'hangs');
      if (
        fault.world !== 'health-flaps' ||
        !green ||
        count.struck >= (fault.times ?? Number.POSITIVE_INFINITY)
      )
        continue;
      if (count.greens >= fault.greens) return this.#struck(fault, 'red');
      count.greens += 1;
    }
    return undefined;
  }

  /** The status with which a check gets the maintenance page in spite of its way past. Undefined: it does not. */
  pageStatus(check: HealthCheck): number | undefined {
    const fault = this.#on(check).find((each) => each.world === 'health-sees-maintenance-page');
    if (fault?.world !== 'health-sees-maintenance-page') return undefined;
    this.#struck(fault, 'red');
    return fault.status;
  }

  #on(check: HealthCheck): Fault[] {
    if (this.#options.isLifted()) return [];
    return this.#faults.filter((fault) => {
      const struck =
        fault.check ??
        this.#options.checks.find((each) => KINDS[fault.world].some((kind) => each[kind] !== undefined))
          ?.name;
      return struck === check.name;
    });
  }

  #count(fault: Fault): { greens: number; struck: number } {
    const count = this.#counts.get(fault) ?? { greens: 0, struck: 0 };
    this.#counts.set(fault, count);
    return count;
  }

  #struck<What>(fault: Fault, what: What): What {
    const count = this.#count(fault);
    count.struck += 1;
    count.greens = 0;
    this.#options.onFault(fault.world);
    return what;
  }
}
