import type { StateMachineDefinition } from '../../deployment.ts';

/** Tests of a Choice that ask what a value is, and may ask for the opposite by `false`. */
const TYPE_TESTS = ['IsPresent', 'IsNull', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'];

/**
 * Writes `IsPresent: false`, and the like, as the negation of the test by `true`. On AWS both are the same
 * (https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html); the interpreter takes the first to be never true.
 */
export function playTypeTests(definition: StateMachineDefinition): StateMachineDefinition {
  return JSON.parse(JSON.stringify(definition), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const rule = value as Record<string, unknown>;
    const test = TYPE_TESTS.find((name) => rule[name] === false);
    if (test === undefined) return value;
    const { [test]: _asked, Variable, ...rest } = rule;
    return { ...rest, Not: { Variable, [test]: true } };
  }) as StateMachineDefinition;
}
