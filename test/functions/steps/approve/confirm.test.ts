import { beforeEach, expect, it, vi } from 'vitest';
import type { Requester } from '../../../../functions/contract/principal.ts';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { handler } from '../../../../functions/steps/approve/handler.ts';
import { ANOTHER_EXECUTION, Bucket, execution, RUN_ID, runContext, system } from '../../fixtures.ts';

const KEY = `answers/${RUN_ID}/approval.json`;
const LI = principalOf('arn:aws:iam::123456789012:user/li');
const WANG = principalOf('arn:aws:sts::123456789012:assumed-role/Head/wang');
const CHEN = principalOf('arn:aws:sts::123456789012:assumed-role/Head/chen');
const ANNA = principalOf('arn:aws:iam::123456789012:user/anna');
const config = system({
  approval: {
    approvers: [{ address: 'head@example.com' }],
    principals: [LI.id, 'arn:aws:iam::123456789012:role/Head'],
  },
});
const yes = (by = LI) => ({ decision: 'approve', by, at: '2026-11-27T14:00:00.000Z' });
let bucket: Bucket;

const confirm = (requester?: Requester) =>
  handler({
    action: 'confirm',
    execution,
    state: { run: runContext(requester === undefined ? {} : { requester }), config },
  });
const record = (answers: object[], executionArn = execution.id) =>
  bucket.put(KEY, { executionArn, needed: 1, answers });

beforeEach(() => {
  bucket = new Bucket();
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

it('lets the run go on by the yes that the API recorded', async () => {
  record([yes()]);

  await expect(confirm(ANNA)).resolves.toEqual({
    approvedBy: LI.id,
    approvedAt: '2026-11-27T14:00:00.000Z',
    approvals: [yes()],
  });
});

it('names both of two', async () => {
  record([yes(), yes(WANG)]);

  await expect(confirm('unknown')).resolves.toMatchObject({ approvedBy: `${LI.id}, ${WANG.id}` });
});

it.each<[string, Requester | undefined, () => unknown, RegExp]>([
  [
    'no answer',
    ANNA,
    () => undefined,
    /answers\/.* holds 0 of 1 approvals; .*SendTaskSuccess.*Nothing was touched/,
  ],
  ['the answer to another execution', ANNA, () => record([yes()], ANOTHER_EXECUTION), /0 of 1/],
  ['a no beside the yes', ANNA, () => record([yes(), { ...yes(WANG), decision: 'deny' }]), /a no of .*wang/],
  ['the yes of the one who asked', LI, () => record([yes()]), /0 of 1/],
  ['the yes of somebody who may not', ANNA, () => record([yes(principalOf(`${LI.id}x`))]), /0 of 1/],
  ['one yes, where nobody knows who asked', 'unknown', () => record([yes()]), /1 of 2 approvals \(.*li\)/],
  [
    'two of one person, where nobody knows who asked',
    'unknown',
    () => record([yes(WANG), yes(CHEN)]),
    /1 of 2/,
  ],
  ['one yes, for a run that began before requesters were proved', undefined, () => record([yes()]), /1 of 2/],
])(
  'denies a run of which the record holds %s, whatever the workflow was told',
  async (_name, requester, make, why) => {
    make();

    await expect(confirm(requester)).rejects.toMatchObject({
      name: 'ApprovalDenied',
      message: expect.stringMatching(why),
    });
  },
);
