import { expect, expectTypeOf, it } from 'vitest';
import { defined } from '../../../functions/contract/defined.ts';

it('keeps what is there, null, zero and the empty text too, and leaves out what is not', () => {
  const found = defined({
    a: 1 as number | undefined,
    b: undefined as string | undefined,
    c: null,
    d: 0,
    e: '',
  });

  expect(found).toEqual({ a: 1, c: null, d: 0, e: '' });
  expect('b' in found).toBe(false);
  expectTypeOf(found).toMatchObjectType<{ a?: number; b?: string; c: null; d: number; e: string }>();
});
