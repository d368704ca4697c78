import { describe, expect, it } from 'vitest';
import { copyable, hasTags, tagsOf } from '../../../functions/aws/ownership.ts';

const system = { name: 'crm', tags: { 'cost-center': '4711', owner: 'operations' } };

describe('the tags of what a run makes', () => {
  it('are the company’s, the system’s and the run’s', () => {
    expect(tagsOf(system, 'run-1', [], { 'lights-out:volume-set': 'i-1/1' })).toEqual([
      { Key: 'cost-center', Value: '4711' },
      { Key: 'owner', Value: 'operations' },
      { Key: 'lights-out:system', Value: 'crm' },
      { Key: 'lights-out:run', Value: 'run-1' },
      { Key: 'lights-out:volume-set', Value: 'i-1/1' },
    ]);
  });

  it('come before those of the source, each key once', () => {
    const source = [
      { Key: 'owner', Value: 'somebody else' },
      { Key: 'lights-out:run', Value: 'another' },
      { Key: 'team', Value: 'sales' },
    ];
    const tags = tagsOf(system, 'run-1', source);

    expect(tags).toHaveLength(new Set(tags.map(({ Key }) => Key)).size);
    expect(tags).toContainEqual({ Key: 'team', Value: 'sales' });
    expect(tags).toContainEqual({ Key: 'owner', Value: 'operations' });
    expect(hasTags(tags, 'crm', 'run-1')).toBe(true);
  });

  it('hold none of AWS’s or Lights Out’s own of the source', () => {
    expect(
      copyable([
        { Key: 'aws:cloudformation:stack-name', Value: 'x' },
        { Key: 'AWS:anything', Value: 'x' },
        { Key: 'lights-out:verified', Value: 'yes' },
        { Key: 'team', Value: 'sales' },
        { Key: 'empty' },
      ]),
    ).toEqual([
      { Key: 'team', Value: 'sales' },
      { Key: 'empty', Value: '' },
    ]);
    expect(copyable(undefined)).toEqual([]);
  });
});
