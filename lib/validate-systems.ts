import { z } from 'zod';
import { SystemConfig } from '../functions/shared/contract/config.ts';
import { isOffered } from '../functions/shared/contract/regions.ts';
import { unreachableIn } from '../functions/shared/contract/webhook-config.ts';
import { describeIssues } from '../functions/shared/contract/wording.ts';
import { EVENTS_ALLOWED, EVENTS_PLANNED, mostEvents } from './history-budget.ts';
import { neverAgain } from './schedule-preview.ts';

const Systems = z.array(SystemConfig).min(1, 'expected at least one system');

/** Checks what `systems.ts` exports: the valid systems with their defaults, or every problem with its path. */
export function validateSystems(
  systems: unknown,
  now: number = Date.now(),
): { valid: SystemConfig[]; problems: string[] } {
  const parsed = Systems.safeParse(systems);
  if (!parsed.success) return { valid: [], problems: describeIssues(parsed.error, 'systems', systems) };
  const names = parsed.data.map((system) => system.name);
  const problems = names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          `systems[${index}].name: "${name}" is the name of systems[${names.indexOf(name)}] too; expected another`,
        ],
  );
  problems.push(...parsed.data.flatMap((system, index) => tooMuchHistory(system, index)));
  problems.push(...parsed.data.flatMap(lackingInRegion));
  problems.push(
    ...parsed.data.flatMap((system, index) => {
      const problem = neverAgain(system, now);
      return problem === undefined ? [] : [`systems[${index}].schedule.shutdown: ${problem}`];
    }),
  );
  return { valid: problems.length === 0 ? parsed.data : [], problems };
}

/** A run that fills its history ends in the middle, wherever it is. */
function tooMuchHistory(system: SystemConfig, index: number): string[] {
  const events = mostEvents(system);
  if (events <= EVENTS_PLANNED) return [];
  return [
    `systems[${index}]: a run of "${system.name}" may write ${events} events into its history, expected at most ${EVENTS_PLANNED} of the ${EVENTS_ALLOWED} that Step Functions allows; ` +
      'name fewer notices.leadMinutes, fewer tiers or shorter timeoutSeconds of services, or a distribution list in place of users',
  ];
}

/** What the system needs and its Region does not have, where the Region is known at synth. The plan looks again. */
function lackingInRegion(system: SystemConfig, index: number): string[] {
  const region = system.environment?.region;
  if (region === undefined) return [];
  return [
    ...unreachableIn(region, system).map(({ message }) => `systems[${index}].notices: ${message}`),
    ...(isOffered('apigateway', region)
      ? []
      : [
          `systems[${index}].environment.region: "${region}" has no API Gateway, which the operator API needs; expected a Region that has it, e.g. "cn-north-1" or "eu-central-1"`,
        ]),
  ];
}
