import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Requester } from '../../../../functions/contract/principal.ts';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { lookAtApproval } from '../../../../functions/steps/plan/approval.ts';
import { handler } from '../../../../functions/steps/plan/handler.ts';
import { AwsWorld } from '../../aws-world.ts';
import { execution, runContext, system } from '../../fixtures.ts';

const ANNA = principalOf('arn:aws:iam::123456789012:user/anna');
const ROLE = 'arn:aws:iam::123456789012:role/Head';
let world: AwsWorld;

beforeEach(() => {
  world = new AwsWorld();
  world.configure();
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('verification "none" in the input', () => {
  const look = () => handler({ action: 'look', execution, state: { verification: 'none' } });

  it('is refused before anything is looked at, with what to set', async () => {
    await expect(look()).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(
        /^input\.verification: "none" .*"crm".*allowUnverified: true.*systems\.ts/,
      ),
    });
    expect(world.rds.calls()).toEqual([]);
  });

  it.each([{ allowUnverified: true }, { verification: 'none' as const }])(
    'is taken where the configuration says %o',
    async (allowed) => {
      world.configure(allowed);

      await expect(look()).rejects.not.toMatchObject({ name: 'InvalidInput' });
    },
  );
});

describe('whether anybody can approve', () => {
  const approval = (...principals: string[]) => ({
    approval: { approvers: [{ address: 'head@example.com' }], principals },
  });
  const look = (requester: Requester, principals: string[], dryRun = false) =>
    lookAtApproval(runContext({ requester, dryRun }), system(approval(...principals)));

  it('is no question without approval', () => {
    expect(lookAtApproval(runContext({ requester: 'unknown' }), system())).toEqual({
      reasons: [],
      warnings: [],
    });
  });

  it('is a reason not to begin when two different people are needed and only one is named', () => {
    expect(look('unknown', [ROLE]).reasons).toEqual([
      {
        resource: 'approval',
        problem: expect.stringMatching(/nobody has proved who asked.*two different people.*count as one/),
        remedy: expect.stringMatching(/operator API or by the schedule.*pinnedSessionRoles/),
      },
    ]);
    expect(look('unknown', [ROLE, ANNA.id]).reasons).toEqual([]);
  });

  it('is a reason when the only approver is the one who asked', () => {
    expect(look(ANNA, [ANNA.id]).reasons).toMatchObject([
      { problem: expect.stringMatching(/user\/anna asked/) },
    ]);
    expect(look(ANNA, [ROLE]).reasons).toEqual([]);
  });

  it('is a warning to a dry run, which needs no yes', () => {
    expect(look('unknown', [ROLE], true)).toMatchObject({
      reasons: [],
      warnings: [expect.stringMatching(/would be refused: nobody has proved/)],
    });
  });
});
