import { ErrorName, LightsOutError } from '../../contract/errors.ts';

/** An update that was not installed, and why. */
export interface NotInstalled {
  /** `server web-1 (i-…)` or `database crm-db`. */
  resource: string;
  found: string;
}

/** The error for updates that were not installed. */
export function updateFailed(failures: NotInstalled[]): LightsOutError {
  const each = failures.map(({ resource, found }) => `${resource}: updates were not installed (${found})`);
  return new LightsOutError(
    ErrorName.UpdateFailed,
    `${each.join('; ')}; expected them to be: install them by hand, or set updates to "report" in systems.ts`,
  );
}
