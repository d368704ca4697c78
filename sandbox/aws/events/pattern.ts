import type { EventPattern } from '../../deployment.ts';

/**
 * Whether an event matches a rule's pattern, as EventBridge reads it: every field that the pattern names must be there, and its value (or
 * one of its values, where it is a list) must match one of those the pattern lists.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @throws Error for an operator that is not known here: a rule that is not understood must not look as if it never matched.
 */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  const fields = isObject(event) ? event : {};
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted))
      return wanted.some((one) => matchesPattern(one as EventPattern, event));
    const value = fields[field];
    return Array.isArray(wanted)
      ? wanted.some((one) => matchesOne(one, value, field))
      : objectsOf(value).some((one) => matchesPattern(wanted, one));
  });
}

function matchesOne(wanted: unknown, value: unknown, field: string): boolean {
  if (isObject(wanted)) return matchesOperator(wanted, value, field);
  return valuesOf(value).includes(wanted);
}

/** The operators with which a rule may say more than "one of these". */
function matchesOperator(operator: Record<string, unknown>, value: unknown, field: string): boolean {
  const [[name, operand] = ['', undefined], ...more] = Object.entries(operator);
  const texts = valuesOf(value).filter((one) => typeof one === 'string');
  if (more.length === 0) {
    if (name === 'exists') return (value !== undefined) === operand;
    if (name === 'prefix' && typeof operand === 'string')
      return texts.some((text) => text.startsWith(operand));
    if (name === 'suffix' && typeof operand === 'string') return texts.some((text) => text.endsWith(operand));
    if (name === 'equals-ignore-case' && typeof operand === 'string')
      return texts.some((text) => text.toLowerCase() === operand.toLowerCase());
    if (name === 'anything-but' && !isObject(operand)) {
      const unwanted = Array.isArray(operand) ? operand : [operand];
      return value !== undefined && !valuesOf(value).some((one) => unwanted.includes(one));
    }
  }
  throw new Error(`event pattern: ${field}: ${JSON.stringify(operator)} is not known here`);
}

/** A list of objects matches by any of them. */
function objectsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function valuesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
