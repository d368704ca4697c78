import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import type { Reason } from '../functions/contract/plan-state.ts';
import type { Engine } from './engine.ts';
import { UnitReader } from './unit-reader.ts';
import type { Unit } from './units.ts';

/**
 * Runs the comparison on one row of each table: the look at the definitions, and each table's own statement. A missing function or
 * column type then shows before anybody is told to leave.
 *
 * (MySQL 9.6 has no `MD5()` without a component: https://dev.mysql.com/doc/refman/9.6/en/encryption-functions.html)
 *
 * @returns a reason for each database in which something could not be run, naming the first table.
 * @throws LightsOutError `DatabaseUnreachable` when connections break each time.
 */
export async function tryOut(engine: Engine, resource: string, databases: string[]): Promise<Reason[]> {
  const reader = new UnitReader(engine, {});
  const reasons: Reason[] = [];
  for (const name of databases) {
    try {
      await reader.inDatabase(name, async (reading) => {
        const { tables } = await reading.survey();
        await reader.readUnits(
          reading,
          samplesOf(
            tables.map((table) => table.name),
            engine.tablesAStatement,
          ),
          () => undefined,
        );
      });
    } catch (error) {
      if (!(error instanceof LightsOutError && error.name === ErrorName.VerificationImpossible)) throw error;
      reasons.push({
        resource,
        problem: `the comparison was tried on one row of each table, and the server could not do it: ${error.message}`,
        remedy: 'mend that first: a run would find out only when everybody is locked out',
      });
    }
  }
  return reasons;
}

function samplesOf(tables: string[], together: number): Unit[] {
  const units: Unit[] = [];
  for (let first = 0; first < tables.length; first += together) {
    const pieces = tables.slice(first, first + together).map((table) => ({ table, sample: true as const }));
    units.push({ pieces, weight: pieces.length });
  }
  return units;
}
