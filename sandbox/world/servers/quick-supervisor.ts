import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fingerprint, listOfData, textOfData } from '../../../functions/contract/server-data.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { flagAt, MARK } from './flag.ts';
import { answerForHealth } from './health-programs.ts';
import { answerForLook } from './quick-look.ts';
import { answerForVolumes } from './quick-volumes.ts';
import type { ActiveState, ScriptAnswer, ServiceManager } from './supervisor.ts';
import type { UnitOptions } from './unit-options.ts';
import { UnitStarts } from './unit-starts.ts';

const SECOND = 1_000;

/** How long a service takes to end once it is told to, in milliseconds of simulated time. */
const ENDS_WITHIN = 200;

const WORDS: Record<ActiveState, string> = {
  active: 'active',
  inactive: 'inactive',
  failed: 'failed',
  activating: 'changing',
  deactivating: 'changing',
};

/**
 * A service manager without processes or shells: it answers the documents of `lib/documents` as their Linux scripts do, which
 * `test/sandbox/world/servers/quick-supervisor.test.ts` holds against the real ones. For runs whose question is not what a script does.
 */
export class QuickSupervisor implements ServiceManager {
  readonly root: string;
  readonly #units: UnitOptions[];
  readonly #clock: SimulatedClock;
  readonly #states = new Map<string, ActiveState>();
  readonly #starts: UnitStarts;

  constructor(root: string, units: UnitOptions[], clock: SimulatedClock) {
    this.root = root;
    this.#units = units;
    this.#clock = clock;
    this.#starts = new UnitStarts(units, clock, {
      launch: (unit) => this.#states.set(unit, 'active'),
      fail: (unit) => this.#states.set(unit, 'failed'),
      fall: (unit) => this.#states.set(unit, 'activating'),
      isActive: (unit) => this.#states.get(unit) === 'active',
    });
  }

  async start(): Promise<void> {
    mkdirSync(this.root, { recursive: true });
    this.#starts.boot();
  }

  async stop(): Promise<void> {
    this.#starts.forgetAll();
    for (const { name } of this.#units) this.#states.set(name, 'inactive');
  }

  states(): Record<string, ActiveState> {
    return Object.fromEntries(this.#states);
  }

  bringBack(unit: string): void {
    this.#start(unit);
  }

  async runScript(
    _script: string,
    _timeoutSeconds: number,
    parameters: Record<string, string>,
  ): Promise<ScriptAnswer> {
    const { Action = '', Check, FlagFile, Services, WaitSeconds } = parameters;
    if (parameters['Files'] !== undefined)
      return answerForLook(this.root, this.#units, (unit) => this.#states.get(unit), parameters);
    if (Check !== undefined) return answerForHealth(this.root, this.states(), Check);
    if (FlagFile !== undefined) return this.#switchMaintenance(Action, textOfData(FlagFile));
    if (Services !== undefined) return await this.#control(Action, listOfData(Services), Number(WaitSeconds));
    if (['flush', 'record', 'check', 'release'].includes(Action))
      return answerForVolumes(this.root, parameters);
    throw new Error(`no document of lib/documents has the parameters ${JSON.stringify(parameters)}`);
  }

  #switchMaintenance(action: string, flagFile: string): ScriptAnswer {
    const flag = join(this.root, flagFile);
    if (flagAt(flag) === 'foreign') {
      const errors = `${flag} stands there and was not made by Lights Out: look at it, and move it away\n`;
      return { code: 4, output: '', errors };
    }
    if (action === 'on') {
      mkdirSync(dirname(flag), { recursive: true });
      writeFileSync(flag, `${MARK}\n`);
    } else rmSync(flag, { force: true });
    return { code: 0, output: `lights-out maintenance=${existsSync(flag) ? 'on' : 'off'}\n`, errors: '' };
  }

  async #control(action: string, services: string[], waitSeconds: number): Promise<ScriptAnswer> {
    const refused: string[] = [];
    if (action !== 'status') {
      for (const service of services) {
        if (!this.#states.has(service)) refused.push(service);
        else if (action === 'stop') this.#end(service);
        else this.#start(service);
      }
    }
    for (let waited = 0; action !== 'status' && waited < waitSeconds; waited += 1) {
      if (services.every((service) => isSettled(action, this.#state(service)))) break;
      await this.#clock.sleep(SECOND);
    }
    const lines = services.map((service) => {
      const state = this.#state(service);
      return `lights-out service=${fingerprint(service)} state=${state}\nservice ${service} is ${state}\n`;
    });
    const errors = refused.map(
      (service) =>
        `Failed to ${action} ${service}.service: Unit ${service}.service not found.\nsystemctl ${action} ${service} was refused\n`,
    );
    return { code: 0, output: lines.join(''), errors: errors.join('') };
  }

  #state(service: string): string {
    const state = this.#states.get(service);
    return state === undefined ? 'unknown' : WORDS[state];
  }

  /** A service that is up stays as it is, also one that was told to stop and hangs. */
  #start(service: string): void {
    const state = this.#states.get(service);
    if (state === 'active' || state === 'deactivating') this.#states.set(service, 'active');
    else this.#starts.start(service);
  }

  #end(service: string): void {
    this.#starts.forget(service);
    if (this.#states.get(service) === 'activating') this.#states.set(service, 'inactive');
    if (this.#states.get(service) !== 'active') return;
    this.#states.set(service, 'deactivating');
    const unit = this.#units.find((candidate) => candidate.name === service);
    if (unit?.hangs === true) {
      unit.onHang?.();
      return;
    }
    this.#clock.after(ENDS_WITHIN, () => {
      if (this.#states.get(service) === 'deactivating') this.#states.set(service, 'inactive');
    });
  }
}

/** As the script's own `settled` says it. */
function isSettled(action: string, state: string): boolean {
  return !['stop/active', 'stop/changing', 'start/inactive', 'start/changing'].includes(`${action}/${state}`);
}
