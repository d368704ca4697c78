import { expect, it } from 'vitest';
import { pageOf } from '../support/page.ts';

it.each(['README.md', 'docs/design.md', 'docs/plans.md', 'docs/operations.md'])(
  '%s is wrapped at 100 columns',
  (file) => {
    expect(pageOf(file).tooWide).toEqual([]);
  },
);
