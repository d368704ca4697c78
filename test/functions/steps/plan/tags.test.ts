import { describe, expect, it } from 'vitest';
import { tooManyTags } from '../../../../functions/steps/plan/tags.ts';
import { system } from '../../fixtures.ts';

const tags = (count: number) =>
  Array.from({ length: count }, (_each, index) => ({ Key: `key-${index}`, Value: 'x' }));
const company = (count: number) =>
  Object.fromEntries(tags(count).map(({ Key, Value }) => [`c-${Key}`, Value]));

describe('too many tags', () => {
  // Five of Lights Out's own may come on top: system, run, volume set and two marks.
  it.each([
    [0, 45, 0],
    [0, 46, 1],
    [40, 5, 0],
    [40, 6, 1],
  ])('%i of the company and %i of the source: %i reasons', (own, source, reasons) => {
    expect(tooManyTags(system({ tags: company(own) }), tags(source), 'remove some')).toHaveLength(reasons);
  });

  it('counts a key once that both have', () => {
    const config = system({ tags: { 'key-0': 'mine' } });

    expect(tooManyTags(config, tags(45), 'remove some')).toEqual([]);
  });

  it('says how many there would be, of whom, and what to do', () => {
    expect(tooManyTags(system({ tags: company(3) }), tags(44), 'remove some of them')).toEqual([
      {
        problem:
          'what is made of it would carry 52 tags (44 of its own, 3 of the system, the others Lights Out’s), and AWS allows 50',
        remedy: 'remove some of them',
      },
    ]);
  });
});
