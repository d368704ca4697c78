import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { RunInput } from '../../functions/contract/input.ts';
import { type AfterStep, goOn } from '../../sandbox/rehearsal/aftermath.ts';
import { allOff, allOn } from '../../sandbox/rehearsal/invariants.ts';
import { brokenByStartup } from '../../sandbox/rehearsal/invariants-startup.ts';
import type { Rehearsal } from '../../sandbox/rehearsal/run.ts';
import { type RunRecord, recordRun, resourcesOf } from '../../sandbox/rehearsal/run-record.ts';
import type { Sandbox } from '../../sandbox/rehearsal/sandbox.ts';

/** What was broken is mended first: a fault that lasts would strike the start-up too, and that is another scenario's question. */
const MEND: AfterStep = { mend: true };
const START: AfterStep = { startup: {} };

/**
 * Brings every scenario back that leaves its system off, whatever it was that ran: a start-up has to end with everything on, users let in, and the data as
 * they were put away. The scenario itself sees nothing of it: its folder and its record are those of its own end.
 */
export class BringBack {
  readonly #out: string;
  readonly #kept: string;
  #letGo: (() => void) | undefined;

  /** @param out - the scenario's folder. */
  constructor(out: string) {
    this.#out = out;
    this.#kept = `${out}-put-away`;
  }

  /** Time stands still at the end of the scenario, as in every rehearsal, but so that it can go on. */
  hold(sandbox: Sandbox): void {
    sandbox.freeze = () => {
      this.#letGo = sandbox.clock.work();
    };
  }

  /**
   * @param rehearsal - the scenario, over and on record.
   * @returns the record of the start-up. Nothing where the scenario has not left its system off.
   * @throws Error when the system did not come back whole.
   */
  async judge(rehearsal: Rehearsal, sandbox: Sandbox, scenario: object): Promise<RunRecord | undefined> {
    if (!(await this.#isOff(rehearsal, sandbox))) {
      this.#letGo?.();
      return undefined;
    }
    cpSync(this.#out, this.#kept, { recursive: true });
    const before = { alarms: sandbox.alarms.rang.length, defects: sandbox.defects.length };
    this.#letGo?.();
    await goOn(sandbox, MEND, this.#out);
    const { run } = await goOn(sandbox, START, this.#out);
    const execution = sandbox.executions.all.get(run?.arn ?? '');
    if (execution === undefined) throw new Error(`no start-up was made after ${JSON.stringify(scenario)}`);
    const record = await recordRun(sandbox, execution, this.#out, sandbox.executions.deployment.config.name);
    const wrong = [
      ...wrongOf(record, isProved(sandbox)),
      ...(await brokenByStartup(record, sandbox, this.#out)),
      ...sandbox.alarms.rang.slice(before.alarms).map((says) => `an alarm rang: ${says}`),
      ...sandbox.defects.slice(before.defects).map(({ message }) => `sandbox: ${message}`),
    ];
    if (wrong.length > 0)
      throw new Error(
        `the start-up after it did not bring the system back: ${wrong.join('; ')}. The scenario: ${JSON.stringify(scenario)}`,
      );
    return record;
  }

  /** Puts the folder back as the scenario had left it. */
  restoreFolder(): void {
    if (!existsSync(this.#kept)) return;
    rmSync(this.#out, { recursive: true, force: true });
    renameSync(this.#kept, this.#out);
  }

  /** A system that is partly off was to be off, and is brought back from there too: nobody may have finished it when Monday comes. */
  async #isOff({ record }: Rehearsal, sandbox: Sandbox): Promise<boolean> {
    const now = { ...record, resources: await resourcesOf(sandbox, this.#out) };
    return allOff(now) || (record.outcome === 'partly-off' && !allOn(now));
  }
}

/**
 * Whether there is something to compare with. A shutdown that was told not to verify has recorded nothing, and a configuration may tell start-ups not to
 * compare: then the start-up opens by policy, and has to say so.
 */
function isProved({ executions }: Sandbox): boolean {
  const { verification, startup } = executions.deployment.config;
  // The first is a shutdown, of a rehearsed start-up too.
  const { verification: asked = verification } = RunInput.parse(JSON.parse(executions.first?.input ?? '{}'));
  return asked === 'full' && startup.confirm !== 'none';
}

function wrongOf(record: RunRecord, proved: boolean): string[] {
  const { outcome, error, resources, confirmation } = record;
  const wrong: string[] = [];
  if (outcome !== 'succeeded') wrong.push(`it ended as "${outcome}" (${error?.name}: ${error?.message})`);
  if (!allOn(record)) wrong.push('not everything is on');
  if (resources.maintenance) wrong.push('maintenance mode is on');
  if (proved && confirmation?.equal !== true) wrong.push('the data are not confirmed as they were put away');
  if (!proved && confirmation?.equal !== false)
    wrong.push('nothing was proved, and the start-up does not say that it compared nothing');
  return wrong;
}
