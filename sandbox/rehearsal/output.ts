import { existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { messageOf } from '../../functions/contract/errors.ts';
import type { SentMail } from '../aws/services/ses.ts';
import { BadInputError } from '../bad-input.ts';
import { mailTable, type Reader } from './mail-table.ts';
import { claimOutput, isClaim, type OutputClaim, requireUnclaimed } from './output-claim.ts';
import { type RunRecord, runFolder } from './run-record.ts';

/** Marks a folder as a rehearsal's output, which the next one may empty. */
const MARKER = '.lights-out-rehearsal';

/** Begins the name of a folder that is made and removed at once, to see that something can be written. */
const PROBE = '.lights-out-probe-';

/** What says how a run ended: the last that is written, and the first that the next rehearsal removes. */
const RECORD = 'run.json';

/**
 * Empties an output folder for the next rehearsal and claims it until the claim is released.
 *
 * @throws BadInputError when the folder holds something that no rehearsal put there, or another rehearsal writes into it.
 */
export async function takeOutput(out: string): Promise<OutputClaim> {
  await checkOutput(out);
  await mkdir(out, { recursive: true });
  const claim = await claimOutput(out);
  await prepareOutput(out);
  return claim;
}

/**
 * Looks whether an output folder could be taken, and changes nothing.
 *
 * @throws BadInputError when it is a file, cannot be written to, holds what no rehearsal put there, or another rehearsal writes into it.
 */
export async function checkOutput(out: string): Promise<void> {
  let existing = out;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  if (!statSync(existing).isDirectory())
    throw new BadInputError(
      `--out ${out}: ${existing === out ? 'it' : existing} is a file; expected a folder, e.g. out/rehearsal`,
    );
  try {
    // Tried rather than asked: a read-only file system lets root write, by its modes. And mkdir below /proc would never end.
    rmdirSync(mkdtempSync(join(existing, PROBE)));
  } catch (error) {
    throw new BadInputError(
      `--out ${out}: nothing can be written to ${existing} (${messageOf(error)}); expected a folder of your own, e.g. out/rehearsal`,
    );
  }
  const entries = await requireOwn(out);
  if (entries.length > 0) await requireUnclaimed(out);
}

/**
 * Empties an output folder that nobody else knows of.
 *
 * @throws BadInputError when it holds something that no rehearsal put there.
 */
export async function prepareOutput(out: string): Promise<void> {
  const entries = await requireOwn(out);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, MARKER), '');
  // First what says how a run ended: never stands an old "succeeded" beside files of a run that is killed.
  await rm(join(out, RECORD), { force: true });
  for (const entry of entries.filter((name) => name !== MARKER && !isClaim(name)))
    await rm(join(out, entry), { recursive: true, force: true });
}

/** Writes the record of a run, whole or not at all: where it is missing, the run was not seen to its end. */
export async function writeRecord(out: string, record: RunRecord): Promise<void> {
  const path = join(out, RECORD);
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

async function requireOwn(out: string): Promise<string[]> {
  if (!existsSync(out)) return [];
  const entries = await entriesOf(out);
  if (entries.length > 0 && !entries.some((name) => name === MARKER || isClaim(name))) {
    throw new BadInputError(
      `--out ${out}: the folder is not empty and no rehearsal made it; expected a new or empty folder, or an earlier rehearsal's`,
    );
  }
  return entries;
}

async function entriesOf(out: string): Promise<string[]> {
  try {
    // The probe of a process that begins at the same moment says nothing of the folder, and is that process's to remove.
    return (await readdir(out)).filter((name) => !name.startsWith(PROBE));
  } catch (error) {
    throw new BadInputError(
      `--out ${out}: cannot be used (${error instanceof Error ? error.message : String(error)}); expected a folder`,
    );
  }
}

/** Where the report keeps a place for the mails, which only a rehearsal has. */
const MAILS_PLACE = '<!-- mails -->';

/** Copies the run's report beside its `run.json` in `folder`, with the mails that were sent. @returns undefined when the run stored none. */
export async function copyReport(
  { out, folder: into }: { out: string; folder: string },
  { system, executionArn }: { system: string; executionArn: string },
  mails: SentMail[],
  reader: Reader,
): Promise<string | undefined> {
  const folder = await runFolder(out, system, executionArn);
  const stored = folder === undefined ? undefined : join(folder, 'report.html');
  if (stored === undefined || !existsSync(stored)) return undefined;
  const report = join(into, 'report.html');
  await writeFile(
    report,
    (await readFile(stored, 'utf8')).replace(MAILS_PLACE, () =>
      mails.length === 0 ? '' : mailTable(mails, reader, relative(into, join(out, 'mail'))).markup,
    ),
  );
  return report;
}
