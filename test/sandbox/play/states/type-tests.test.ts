import { expect, it } from 'vitest';
import { playTypeTests } from '../../../../sandbox/play/states/type-tests.ts';

it('turns a type test by false into a negation, wherever it stands in a rule, and leaves all else', () => {
  const choice = (...choices: object[]) =>
    ({ StartAt: 'Late?', States: { 'Late?': { Type: 'Choice', Choices: choices } } }) as never;

  const played = playTypeTests(
    choice(
      { Variable: '$.late', IsPresent: false, Next: 'Tell' },
      {
        And: [
          { Variable: '$.a', IsNull: false },
          { Variable: '$.b', IsPresent: true },
        ],
        Next: 'Wait',
      },
      { Variable: '$.done', BooleanEquals: false, Next: 'Wait' },
    ),
  );

  expect(played).toEqual(
    choice(
      { Not: { Variable: '$.late', IsPresent: true }, Next: 'Tell' },
      {
        And: [{ Not: { Variable: '$.a', IsNull: true } }, { Variable: '$.b', IsPresent: true }],
        Next: 'Wait',
      },
      { Variable: '$.done', BooleanEquals: false, Next: 'Wait' },
    ),
  );
});
