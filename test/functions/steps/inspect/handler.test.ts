import { describe, expect, it, vi } from 'vitest';
import { connectPostgres } from '../../../../engines/postgres/connection.ts';
import { ErrorName, LightsOutError } from '../../../../functions/contract/errors.ts';
import { handler, type InspectEvent } from '../../../../functions/steps/inspect/handler.ts';
import { execution, plan, system } from '../../fixtures.ts';

vi.mock('../../../../engines/postgres/connection.ts', () => ({ connectPostgres: vi.fn() }));
vi.mock('../../../../functions/databases/credentials.ts', () => ({
  readCredentials: async () => ({ username: 'reader', password: 'p' }),
}));

const inspect = (planned = plan()) =>
  handler({ action: 'inspect', execution, state: { config: system(), plan: planned } } as InspectEvent);

describe('inspect', () => {
  it('makes an unreachable database a reason among the others, not an error', async () => {
    vi.mocked(connectPostgres).mockRejectedValue(
      new LightsOutError(ErrorName.DatabaseUnreachable, 'refused the connection'),
    );

    expect(await inspect()).toMatchObject({
      reachable: false,
      reasons: [{ resource: 'database crm-db', problem: expect.stringContaining('refused the connection') }],
    });
  });

  it('has nothing to ask when the plan found no database', async () => {
    const { database: _none, ...rest } = plan();

    expect(await inspect(rest as ReturnType<typeof plan>)).toMatchObject({ reachable: false, reasons: [] });
  });

  it('lets errors of AWS through, so that the workflow tries again', async () => {
    vi.mocked(connectPostgres).mockRejectedValue(
      new LightsOutError(ErrorName.AwsTemporarilyUnavailable, 'throttled'),
    );

    await expect(inspect()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });

  const broken = () => ({
    query: () => Promise.reject(new Error('Connection terminated unexpectedly')),
    end: () => Promise.resolve(),
  });

  it('looks again when the connection breaks in the middle of the look', async () => {
    const refused = new LightsOutError(ErrorName.DatabaseUnreachable, 'refused the connection');
    vi.mocked(connectPostgres)
      .mockReset()
      .mockResolvedValueOnce(broken() as never)
      .mockRejectedValueOnce(refused);

    expect(await inspect()).toMatchObject({
      reasons: [{ problem: expect.stringContaining('refused the connection') }],
    });
    expect(connectPostgres).toHaveBeenCalledTimes(2);
  });

  it('makes a connection that breaks each time a reason, not an error', async () => {
    vi.mocked(connectPostgres)
      .mockReset()
      .mockImplementation(async () => broken() as never);

    expect(await inspect()).toMatchObject({
      reachable: false,
      reasons: [
        { resource: 'database crm-db', problem: expect.stringContaining('broke off the connection') },
      ],
    });
    expect(connectPostgres).toHaveBeenCalledTimes(3);
  });
});
