import type { SystemConfig } from '../../contract/config.ts';
import type { HealthCheck } from '../../contract/health-config.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';
import { LOOK_MILLISECONDS, type Look, TOO_LATE } from './look-result.ts';
import { safeAnswer } from './safe-answer.ts';

type SqlCheck = NonNullable<HealthCheck['sql']>;

/**
 * Asks the system's database. Whatever it answers is a look. A value is never shown, since it is a row's.
 *
 * @throws LightsOutError `InvalidConfiguration` when the secret holds no credentials.
 */
export async function lookAtSql(
  { database, statement, expect }: SqlCheck,
  config: SystemConfig,
  server: { address: string; port: number },
): Promise<Look> {
  const { engine } = await engineOfSystem(config, server, LOOK_MILLISECONDS / 1000);
  const red = (answer: string): Look => ({ green: false, answer });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Look>((resolve) => {
    timer = setTimeout(() => resolve(red(TOO_LATE)), LOOK_MILLISECONDS);
  });
  const look = engine.firstValue(database, statement).then(
    (value) => judged(value, expect),
    (error: unknown) => red(safeAnswer(engine.describe(error))),
  );
  return await Promise.race([look, late]).finally(() => clearTimeout(timer));
}

function judged(value: string | null | undefined, expect: string | undefined): Look {
  if (value === undefined) return { green: false, answer: 'no row' };
  if (expect === undefined) return { green: true, answer: 'a row' };
  if (value === null) return { green: false, answer: 'NULL, another value than expected' };
  return value === expect
    ? { green: true, answer: 'the expected value' }
    : { green: false, answer: 'another value than expected' };
}
