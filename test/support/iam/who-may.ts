import { SHAPES } from '../../shapes.ts';
import { Arns, type Row } from './arns.ts';
import { whoMay } from './may.ts';
import { resolvedStack } from './policies.ts';

/** The stacks of systems of every shape. */
export const stacks = SHAPES.map((shape) => resolvedStack(shape));

/** Steps that may do it in at least one system, sorted. */
export function whoMayInAny(of: Row[1]): string[] {
  const may = stacks.flatMap((stack) => whoMay(stack, of(new Arns(stack))));
  return [...new Set(may)].sort();
}
