import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';

/** The error for an update that is not in. */
export function updateFailed(resource: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.UpdateFailed,
    `${resource}: updates were not installed (${found}); expected them to be: install them by hand, or set updates to "report" in systems.ts`,
  );
}
