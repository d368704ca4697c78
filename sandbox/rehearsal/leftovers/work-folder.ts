import { lstatSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { giveToServerUser, serverUser } from '../../world/database/binaries.ts';
import { guard } from './guard.ts';
import { MARK_PATTERN, presenceOf, processMark } from './process-mark.ts';
import { endProcessesOf } from './processes.ts';

const PREFIX = 'lights-out-';
const NAME = new RegExp(`^${PREFIX}(${MARK_PATTERN})-[0-9A-Za-z]{6}$`);

/** A folder into which a program still writes cannot be removed at once: so often, and so many milliseconds apart, is it tried. */
const REMOVALS = 20;
const REMOVE_EVERY = 100;

/**
 * Makes a folder for what a rehearsal keeps outside its output: data directories, servers' file systems, copies of PostgreSQL's programs.
 *
 * Its name says which process made it, so that it is registered from the first moment of its being: however that process ends,
 * {@link cleanUpAfterTheDead} finds the folder and everything that was started in it. Short, and open to the user that database servers run as.
 */
export async function makeWorkFolder(): Promise<string> {
  guard();
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `${PREFIX}${processMark()}-`));
  await giveToServerUser(folder);
  return folder;
}

/** What was found of rehearsals whose process had ended, and what could not be removed. */
export interface CleanedUp {
  /** Work folders that were deleted. */
  folders: string[];
  /** Processes that were ended: database servers, services, copies. */
  processes: number;
  /** A sentence for each thing that is left. */
  problems: string[];
}

/**
 * Ends what rehearsals of this user left whose process was killed: their database servers and services, then their folders. What belongs to
 * a living one is not touched, nor what was made in another container or by another user. Twice at once is harmless.
 *
 * @param base folder of temporary files. Default: this machine's.
 */
export async function cleanUpAfterTheDead(base = realpathSync(tmpdir())): Promise<CleanedUp> {
  const cleaned: CleanedUp = { folders: [], processes: 0, problems: [] };
  for (const folder of deadFolders(base)) {
    try {
      cleaned.processes += await endProcessesOf(folder, ownUsers());
      await remove(folder);
      cleaned.folders.push(folder);
    } catch (error) {
      cleaned.problems.push(
        `${folder}, of a rehearsal that was killed, could not be removed (${error instanceof Error ? error.message : String(error)}): end what still uses it and delete it by hand`,
      );
    }
  }
  return cleaned;
}

/** Work folders whose process is not there any more. */
export function deadFolders(base: string): string[] {
  return readdirSync(base).flatMap((name) => {
    const [, mark] = NAME.exec(name) ?? [];
    if (mark === undefined || presenceOf(mark) !== 'dead') return [];
    const folder = join(base, name);
    // The folder of temporary files is everybody's: a link, or a folder that another user made, is not followed.
    const found = lstatSync(folder, { throwIfNoEntry: false });
    return found?.isDirectory() === true && ownUsers().includes(found.uid) ? [folder] : [];
  });
}

/** Users that a rehearsal of this one makes folders and processes as. Empty where there are no users: then nothing is cleaned up. */
function ownUsers(): number[] {
  return [process.getuid?.(), serverUser.uid].filter((uid) => uid !== undefined);
}

async function remove(folder: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await rm(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === REMOVALS) throw error;
      await sleep(REMOVE_EVERY);
    }
  }
}
