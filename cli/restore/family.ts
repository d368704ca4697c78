/**
 * Whether the groups of parameters and options of a database of one version fit a database of another. A group belongs to a family, such as
 * `postgres13` or `mysql8.0`, and goes with the versions of that family alone
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html). A version that RDS does not tell fits.
 */
export function isOfSameFamily(
  engine: string | undefined,
  source: string | undefined,
  snapshot: string | undefined,
): boolean {
  if (source === undefined || snapshot === undefined) return true;
  const numbers = engine?.includes('postgres') === true ? 1 : 2;
  const major = (version: string): string => version.split('.').slice(0, numbers).join('.');
  return major(source) === major(snapshot);
}

/** Tells the operator that the restored database gets the engine's default groups. */
export function tellOtherFamily(
  source: string,
  version: string | undefined,
  snapshot: string | undefined,
): void {
  console.error(
    `lights-out: ${source} runs version ${version}, the snapshot is of ${snapshot}: the restored one gets the default groups of parameters and options of its version. Set those it had before the upgrade`,
  );
}
