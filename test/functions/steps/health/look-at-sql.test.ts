import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../../engines/engine.ts';
import { engineOfSystem } from '../../../../functions/databases/system-engine.ts';
import { lookAtSql } from '../../../../functions/steps/health/look-at-sql.ts';
import { system } from '../../fixtures.ts';
import { passTimeLimit } from './time-limit.ts';

vi.mock('../../../../functions/databases/system-engine.ts', () => ({ engineOfSystem: vi.fn() }));

const firstValue = vi.fn<Engine['firstValue']>();
beforeEach(() => {
  firstValue.mockReset();
  const engine = { firstValue, describe: (error: unknown) => `in its words: ${String(error)}` };
  vi.mocked(engineOfSystem).mockResolvedValue({ engine: engine as unknown as Engine, user: 'reader' });
});

const statement = 'SELECT version FROM settings';
const look = (expected?: string) =>
  lookAtSql(
    { database: 'crm', statement, ...(expected === undefined ? {} : { expect: expected }) },
    system(),
    {
      address: 'db',
      port: 5432,
    },
  );

describe('a look at the database', () => {
  it('asks the statement in the database', async () => {
    firstValue.mockResolvedValue('1');
    await look();

    expect(firstValue).toHaveBeenCalledWith('crm', statement);
  });

  it.each([
    ['any row', undefined, '1', true, 'a row'],
    ['any row, of NULL', undefined, null, true, 'a row'],
    ['the expected value', '42', '42', true, 'the expected value'],
    ['an empty one', '', '', true, 'the expected value'],
    ['no row', undefined, undefined, false, 'no row'],
    ['no row in place of a value', '42', undefined, false, 'no row'],
    ['another value', '42', 'hunter2', false, 'another value than expected'],
    ['NULL in place of a value', '42', null, false, 'NULL, another value than expected'],
  ])('meets %s, and shows no value', async (_what, expected, value, green, answer) => {
    firstValue.mockResolvedValue(value);

    expect(await look(expected)).toEqual({ green, answer });
  });

  it('is red when the database refuses, in the engine’s words', async () => {
    firstValue.mockRejectedValue(new Error('no such table'));

    expect(await look()).toEqual({ green: false, answer: 'in its words: Error: no such table' });
  });

  it('gives the database 10 s', async () => {
    const { asked } = passTimeLimit();
    firstValue.mockReturnValue(new Promise(() => undefined));

    expect(await look()).toEqual({ green: false, answer: 'no complete answer within 10 s' });
    expect(asked).toEqual([10_000]);
  });
});
