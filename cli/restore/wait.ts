import {
  type Beside,
  isUndecided,
  NotRestoredError,
  type RestoredDatabase,
  type RestoringKind,
  requireRestored,
} from './beside.ts';

const POLL_MILLISECONDS = 30_000;

/** A restore of a large database may take hours. */
const DEADLINE_MILLISECONDS = 6 * 3600_000;

/** So often RDS may not list what it has just accepted. */
const UNLISTED_LOOKS = 10;

/**
 * Looks, asks for what is missing, and looks again, until the database is available: so a repeated command goes on where an earlier one was
 * interrupted.
 *
 * @param pause waits so many milliseconds. Undefined: it returns once RDS has taken what can be asked for now.
 * @throws BadInputError for a database of that name which is not this command's; NotRestoredError when waiting leads nowhere.
 */
export async function restoreAndWait(
  kind: RestoringKind,
  beside: Beside,
  pause: ((milliseconds: number) => Promise<unknown>) | undefined,
): Promise<RestoredDatabase | undefined> {
  const { identifier } = beside;
  let unlisted = 0;
  for (let waited = 0; ; waited += POLL_MILLISECONDS) {
    const found = await kind.find(identifier);
    if (found !== undefined && !(isUndecided(found) && pause !== undefined)) requireRestored(found, beside);
    if (found?.progress === 'ready') return found;
    if (found?.progress === 'ended')
      throw new NotRestoredError(
        `${identifier} is "${found.status}"; expected it to become available: its events in the RDS console say why. Delete it and type the same command again, or restore under another name: --as NAME`,
      );
    if (found?.progress === 'further' || (found === undefined && unlisted === 0)) await kind.request(beside);
    if (found === undefined) unlisted += 1;
    if (unlisted > UNLISTED_LOOKS)
      throw new NotRestoredError(
        `${identifier} was asked for, and RDS does not list it; expected it to be listed within minutes. Type the same command again`,
      );
    if (pause === undefined) return found;
    if (waited >= DEADLINE_MILLISECONDS)
      throw new NotRestoredError(
        `${identifier} is still "${found?.status ?? 'not listed'}" after ${DEADLINE_MILLISECONDS / 3600_000} hours; expected it to be available. The same command waits on`,
      );
    console.error(
      `… ${identifier}: ${found?.status ?? 'asked for'}, ${Math.floor(waited / 60_000)} min so far`,
    );
    await pause(POLL_MILLISECONDS);
  }
}
