import type { Tag } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';
import { type Given, missingOf } from './given.ts';

/** What is known of a source that somebody deleted, by the configuration alone. Never public: nobody can ask whether it was. */
export function asFarAsKnown({ database, tags }: SystemConfig) {
  return {
    PubliclyAccessible: false,
    IAMDatabaseAuthenticationEnabled: database.iamUser !== undefined,
    TagList: Object.entries(tags).map(([Key, Value]): Tag => ({ Key, Value })),
  };
}

/**
 * A source that is gone is done without where the options say what only it knew.
 *
 * @param byHand the commands by which a person restores the snapshot.
 * @throws BadInputError naming the missing options and these commands.
 */
export function requireGiven(source: string, noun: string, given: Given, byHand: string): void {
  const missing = missingOf(given);
  if (missing.length > 0)
    throw new BadInputError(
      `database ${source}: RDS knows no such ${noun}, so its class, subnet group and security groups are not known; expected it to be there, running or stopped. ` +
        `Where it was deleted, say them: ${missing.join(' ')}; or type with your own values: ${byHand}`,
    );
  console.error(
    `lights-out: ${source} is gone: what only it knew is as RDS's defaults (parameter group, one Availability Zone, no deletion protection). Set it as it was`,
  );
}
