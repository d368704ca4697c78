import { randomInt } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError } from '../bad-input.ts';
import { MARK_PATTERN, pidOf, presenceOf, processMark } from './leftovers/process-mark.ts';

const PREFIX = '.lights-out-running.';
const NAME = new RegExp(`^${PREFIX.replaceAll('.', '\\.')}(${MARK_PATTERN})$`);

/** Two that begin at the same moment may both step back: so often each tries, each time after a random time of at most so many milliseconds more. */
const ATTEMPTS = 6;
const STEP_BACK = 60;

/** A folder that this process alone writes into. */
export interface OutputClaim {
  /** The rehearsal before this one was killed, and what it left in the folder is half of something. */
  wasKilled: boolean;
  /** Gives the folder back. Twice is harmless. */
  release(): Promise<void>;
}

/** Whether a file of an output folder says who writes into it. */
export function isClaim(name: string): boolean {
  return NAME.test(name);
}

/**
 * Claims an output folder for this process: a file there says whose it is. Two processes are never both in: each writes its own file first and
 * looks for others then, so that the later of the two looks sees both. A killed process's claim is removed, and told.
 *
 * @throws BadInputError when a living rehearsal, or one that cannot be seen from here, writes into it.
 */
export async function claimOutput(out: string): Promise<OutputClaim> {
  const own = `${PREFIX}${processMark()}`;
  let wasKilled = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(join(out, own), '', { flag: 'wx' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw inUse(out, own);
      throw error;
    }
    const others = (await readdir(out)).filter((name) => isClaim(name) && name !== own);
    const [other] = others.filter((name) => presenceOf(markOf(name)) !== 'dead');
    if (other === undefined) {
      for (const dead of others) await rm(join(out, dead), { force: true });
      wasKilled ||= others.length > 0;
      return { wasKilled, release: () => rm(join(out, own), { force: true }) };
    }
    await rm(join(out, own), { force: true });
    if (attempt === ATTEMPTS) throw inUse(out, other);
    await sleep(randomInt(STEP_BACK * attempt));
  }
}

/** @throws BadInputError when a living rehearsal, or one that cannot be seen from here, writes into the folder. */
export async function requireUnclaimed(out: string): Promise<void> {
  const living = (await readdir(out)).find((name) => isClaim(name) && presenceOf(markOf(name)) !== 'dead');
  if (living !== undefined) throw inUse(out, living);
}

function markOf(name: string): string {
  return NAME.exec(name)?.[1] ?? '';
}

function inUse(out: string, claim: string): BadInputError {
  const mark = markOf(claim);
  return new BadInputError(
    presenceOf(mark) === 'elsewhere'
      ? `--out ${out}: a rehearsal on another machine or in another container writes into it, or was killed there; expected a folder of its own: ` +
          `choose another --out, or, when none is under way there, delete ${join(out, claim)}`
      : `--out ${out}: another rehearsal (process ${pidOf(mark)}) is writing into it; expected a folder of its own: wait until that one has ended, or choose another --out`,
  );
}
