import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { type CleanedUp, cleanUpAfterTheDead } from '../sandbox/rehearsal/leftovers/work-folder.ts';
import type { RehearsalEvent } from '../sandbox/rehearsal/run.ts';

type Told = Extract<RehearsalEvent, { kind: 'cleaned-up' | 'replaced' | 'interrupted' }>;

/** Sentences for people about a killed or interrupted rehearsal. */
export function wordsOf(event: Told): string[] {
  switch (event.kind) {
    case 'cleaned-up':
      return cleanedUp(event);
    case 'replaced':
      return [
        `the rehearsal before this one in ${event.out} was killed before its run ended: what it had left there was removed`,
      ];
    case 'interrupted':
      return [
        `ended by ${event.signal} ${event.state === undefined ? 'before the run began' : `while the run was in "${event.state}"`}; no run.json is written, since nobody saw how the run would have ended. ` +
          'Everything that the rehearsal had started is ended: start it again',
      ];
  }
}

function cleanedUp({ folders, processes, problems }: CleanedUp): string[] {
  const count = (number: number, one: string, many: string): string =>
    `${number} ${number === 1 ? one : many}`;
  const done =
    folders.length === 0
      ? []
      : [
          `cleaned up after killed rehearsals: ${count(processes, 'process', 'processes')} ended, ${count(folders.length, 'folder', 'folders')} deleted`,
        ];
  return [...done, ...problems];
}

/** `lights-out clean`. @returns the exit code. @throws BadInputError for anything more on the command line. */
export async function cleanCommand([more]: string[]): Promise<number> {
  if (more !== undefined)
    throw new BadInputError(`clean ${shown(more)}: expected nothing after "clean", or --help`);
  const cleaned = await cleanUpAfterTheDead();
  const sentences = cleanedUp(cleaned);
  for (const sentence of sentences.length > 0 ? sentences : ['no killed rehearsal has left anything here'])
    process.stdout.write(`lights-out: ${sentence}\n`);
  return cleaned.problems.length === 0 ? 0 : 1;
}
