import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfirmationEvidence } from '../../functions/databases/confirmation.ts';
import type { AfterStep } from '../../sandbox/rehearsal/aftermath.ts';
import { allOn } from '../../sandbox/rehearsal/invariants.ts';
import type { EndedRun, Rehearsal } from '../../sandbox/rehearsal/run.ts';
import { type RunRecord, runFolder } from '../../sandbox/rehearsal/run-record.ts';
import type { Sandbox } from '../../sandbox/rehearsal/sandbox.ts';

/** What was broken is mended first: a fault that lasts would strike the start-up too, and that is another scenario's question. */
const STEPS: AfterStep[] = [{ mend: true }, { startup: {} }];

/**
 * Brings every scenario back that ends off and lets nothing happen afterwards: a start-up has to end with everything on, users let in, and the data as
 * they were put away. The scenario itself sees nothing of it: its folder and its record are those of the shutdown.
 */
export class BringBack {
  readonly #out: string;
  readonly #kept: string;
  #put: Pick<RunRecord, 'unusedFaults' | 'verification'> | undefined;

  /** @param out - the scenario's folder. */
  constructor(out: string) {
    this.#out = out;
    this.#kept = `${out}-put-away`;
  }

  /** What happens once the run is over. */
  after({ record }: EndedRun, { rooms }: Pick<Sandbox, 'rooms'>): AfterStep[] {
    if (record.action !== 'shutdown' || record.outcome !== 'succeeded') return [];
    const { unusedFaults, verification } = record;
    this.#put = { unusedFaults: [...unusedFaults], ...(verification === undefined ? {} : { verification }) };
    // As the end of a rehearsal does: what no channel took is on record.
    rooms.settle();
    cpSync(this.#out, this.#kept, { recursive: true });
    return STEPS;
  }

  /**
   * Looks at what came of the start-up, and puts everything back as the shutdown had left it.
   *
   * @throws Error when the system did not come back whole.
   */
  async judge(rehearsal: Rehearsal, system: string): Promise<Rehearsal> {
    const put = this.#put;
    if (put === undefined) return rehearsal;
    const wrong = await this.#wrong(rehearsal, put, system);
    rmSync(this.#out, { recursive: true });
    renameSync(this.#kept, this.#out);
    if (wrong.length > 0)
      throw new Error(`the start-up after it did not bring the system back: ${wrong.join('; ')}`);
    rehearsal.record.unusedFaults = put.unusedFaults;
    return { ...rehearsal, aftermath: [] };
  }

  async #wrong(
    { aftermath, record }: Rehearsal,
    put: Pick<RunRecord, 'verification'>,
    system: string,
  ): Promise<string[]> {
    const last = aftermath.at(-1);
    if (last?.run === undefined) return ['no start-up was made'];
    const { arn, outcome, error, cause } = last.run;
    const wrong: string[] = [];
    if (outcome !== 'succeeded') wrong.push(`it ended as "${outcome}" (${error}: ${cause})`);
    if (!allOn({ ...record, resources: last.resources })) wrong.push('not everything is on');
    if (last.resources.maintenance) wrong.push('maintenance mode is on');
    if (last.resources.locks.length > 0) wrong.push('a lock is left');
    const folder = await runFolder(this.#out, system, arn);
    const confirmation =
      folder === undefined
        ? undefined
        : (JSON.parse(readFileSync(join(folder, 'confirmation.json'), 'utf8')) as ConfirmationEvidence);
    // A run that was told not to verify has recorded nothing to compare with.
    if (put.verification !== undefined && confirmation?.outcome !== 'equal')
      wrong.push(`the data are "${confirmation?.outcome}", not as they were put away`);
    return wrong;
  }
}
