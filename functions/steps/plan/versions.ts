import type { SystemConfig } from '../../contract/config.ts';

/**
 * Versions that the statements of the comparison were written for, as RDS offers them; their documentation was read. docs/verification.md says on which of them they ran.
 * https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/SQLServer.Concepts.General.VersionSupport.html
 */
const WRITTEN_FOR: Record<SystemConfig['database']['engine'], readonly string[]> = {
  postgres: ['13', '14', '15', '16', '17', '18'],
  mysql: ['8.0', '8.4'],
  mariadb: ['10.6', '10.11', '11.4', '11.8'],
  sqlserver: ['13', '14', '15', '16'],
};

/**
 * A warning for a version that is not listed above. The run goes on, since the plan tries the statements on one row of each table.
 *
 * @param engineVersion as RDS says it: `16.4`, `8.0.39`, `8.0.mysql_aurora.3.08.0`, `15.00.4430.1.v1`.
 */
export function unknownVersion(
  engine: SystemConfig['database']['engine'],
  engineVersion: string,
): string | undefined {
  const known = WRITTEN_FOR[engine];
  if (known.some((version) => engineVersion === version || engineVersion.startsWith(`${version}.`)))
    return undefined;
  return (
    `its version ${engineVersion} is none that the comparison was written for (${known.join(', ')}); ` +
    'its statements are tried on one row of each table before anybody is told: rehearse the comparison with "lights-out verify" on a copy first'
  );
}
