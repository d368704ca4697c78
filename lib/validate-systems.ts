import { z } from 'zod';
import { SystemConfig } from '../functions/shared/contract/config.ts';
import { describeIssues } from '../functions/shared/contract/input.ts';

const Systems = z.array(SystemConfig).min(1, 'expected at least one system');

/** Checks what `systems.ts` exports: the valid systems with their defaults, or every problem with its path. */
export function validateSystems(systems: unknown): { valid: SystemConfig[]; problems: string[] } {
  const parsed = Systems.safeParse(systems);
  if (!parsed.success) return { valid: [], problems: describeIssues(parsed.error, 'systems') };
  const names = parsed.data.map((system) => system.name);
  const problems = names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          `systems[${index}].name: "${name}" is the name of systems[${names.indexOf(name)}] too; expected another`,
        ],
  );
  return { valid: problems.length === 0 ? parsed.data : [], problems };
}
