import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '../bad-input.ts';
import type { SentMail } from '../services/ses.ts';
import { runFolder } from './run-record.ts';

/** Marks a folder as a rehearsal's output, which the next one may empty. */
const MARKER = '.lights-out-rehearsal';

/** @throws BadInputError when the folder holds something that no rehearsal put there. */
export async function prepareOutput(out: string): Promise<void> {
  if (existsSync(out)) {
    const entries = await entriesOf(out);
    if (entries.length > 0 && !entries.includes(MARKER)) {
      throw new BadInputError(
        `--out ${out}: the folder is not empty and no rehearsal made it; expected a new or empty folder, or an earlier rehearsal's`,
      );
    }
    for (const entry of entries) await rm(join(out, entry), { recursive: true, force: true });
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, MARKER), '');
}

async function entriesOf(out: string): Promise<string[]> {
  try {
    return await readdir(out);
  } catch (error) {
    throw new BadInputError(
      `--out ${out}: cannot be used (${error instanceof Error ? error.message : String(error)}); expected a folder`,
    );
  }
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** Where the report keeps a place for the mails, which only a rehearsal has. */
const MAILS_PLACE = '<!-- mails -->';

/** Copies the run's report beside `run.json`, with the mails that were sent. @returns undefined when the run stored none. */
export async function copyReport(
  out: string,
  { system, executionArn }: { system: string; executionArn: string },
  mails: SentMail[],
): Promise<string | undefined> {
  const folder = await runFolder(out, system, executionArn);
  const stored = folder === undefined ? undefined : join(folder, 'report.html');
  if (stored === undefined || !existsSync(stored)) return undefined;
  const rows = mails.map(
    (mail) =>
      `<tr><td>${escaped(mail.at.slice(11, 19))}</td><td>${escaped(mail.to.join(', '))}</td><td>${escaped(mail.subject)}</td><td><a href="mail/${encodeURIComponent(mail.file)}">.eml</a></td></tr>`,
  );
  const table = `<div class="scroll"><table><thead><tr><th scope="col">UTC</th><th scope="col">→</th><th scope="col">✉</th><th scope="col"></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  const report = join(out, 'report.html');
  await writeFile(
    report,
    (await readFile(stored, 'utf8')).replace(MAILS_PLACE, () => (mails.length === 0 ? '' : table)),
  );
  return report;
}
