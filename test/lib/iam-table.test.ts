import { describe, expect, it } from 'vitest';
import { SHAPES } from '../shapes.ts';
import { problemsOfResourcePolicy, problemsOfRole } from '../support/iam/judge.ts';
import { resolvedStack } from '../support/iam/policies.ts';

describe.each(SHAPES)('$name', (shape) => {
  it('allows what AWS’s service authorization table knows, and all that it requires', {
    timeout: 60_000,
  }, async () => {
    const { roles, resourcePolicies } = resolvedStack(shape);
    const problems: string[] = [];
    for (const { id, statements } of roles)
      problems.push(...(await problemsOfRole(statements)).map((problem) => `${id}: ${problem}`));
    for (const { id, type, statements } of resourcePolicies)
      problems.push(
        ...(await problemsOfResourcePolicy(type, statements)).map((problem) => `${id}: ${problem}`),
      );
    expect(roles.flatMap(({ statements }) => statements).length).toBeGreaterThan(80);
    expect(resourcePolicies.length).toBeGreaterThan(2);
    expect(problems).toEqual([]);
  });
});
