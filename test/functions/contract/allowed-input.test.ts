import { describe, expect, it } from 'vitest';
import { notAllowed } from '../../../functions/contract/allowed-input.ts';
import { system } from '../fixtures.ts';

const REASON = 'ransomware on app-2';
const problems = (input: Parameters<typeof notAllowed>[0], config = {}): string[] =>
  notAllowed(input, system(config), 'input');

describe('a run that only proves, in the input', () => {
  it('is taken alone, also where verification is off, and as a dry run', () => {
    expect(problems({ onlyProve: true })).toEqual([]);
    expect(problems({ onlyProve: true, verification: 'full' }, { verification: 'none' })).toEqual([]);
  });

  it.each([
    ['verification', { verification: 'none' as const }],
    ['emergency', { emergency: true }],
    ['at', { at: '2026-11-27T22:00:00+08:00' }],
    ['backAt', { backAt: '2026-11-27T22:00:00+08:00' }],
  ])('is refused with %s, which means nothing there', (key, input) => {
    expect(problems({ onlyProve: true, ...input }, { emergency: {} })).toEqual([
      expect.stringMatching(new RegExp(`^input\\.${key}: .*onlyProve.*expected none$`)),
    ]);
  });
});

describe('an emergency in the input', () => {
  it('is taken with a reason where the configuration allows it', () => {
    expect(problems({ emergency: true, reason: REASON }, { emergency: {} })).toEqual([]);
  });

  it('is refused with everything that is wrong, each with what to do', () => {
    expect(problems({ emergency: true, at: '2026-11-27T22:00:00+08:00' })).toEqual([
      expect.stringMatching(/^input\.emergency: .*"crm".*emergency: \{\}.*systems\.ts/),
      expect.stringMatching(/^input\.reason: missing; expected one sentence/),
      expect.stringMatching(/^input\.at: an emergency begins now/),
    ]);
  });

  it.each([
    [{}, 1],
    [{ verification: 'none' as const }, 0],
  ])('goes without a proved backup only where the configuration says so: %o', (emergency, count) => {
    const input = { emergency: true, reason: REASON, verification: 'none' as const };

    expect(problems(input, { emergency })).toHaveLength(count);
    // Not an emergency: the ordinary rule.
    expect(problems({ verification: 'none' }, { emergency })).toHaveLength(1);
  });
});
