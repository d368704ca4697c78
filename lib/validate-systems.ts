import { z } from 'zod';
import { SystemConfig } from '../functions/contract/config.ts';
import { isOffered } from '../functions/contract/regions.ts';
import { shown } from '../functions/contract/shown.ts';
import { unreachableIn } from '../functions/contract/webhook-config.ts';
import { describeIssues } from '../functions/contract/wording.ts';
import { foreignArns } from './foreign-arns.ts';
import { neverAgain } from './schedule-preview.ts';
import { EVENTS_ALLOWED, EVENTS_PLANNED, mostEvents } from './workflows/history-budget.ts';

const Systems = z.array(SystemConfig).min(1, 'expected at least one system');

/** Checks the export of `systems.ts`: answers the valid systems with their defaults, and every problem with its path. */
export function validateSystems(
  systems: unknown,
  now: number = Date.now(),
): { valid: SystemConfig[]; problems: string[] } {
  const parsed = Systems.safeParse(systems);
  const problems = parsed.success ? [] : describeIssues(parsed.error, 'systems', systems);
  // A valid system is checked further even if another system is invalid, so that all problems are told at once.
  const list: unknown[] = Array.isArray(systems) ? systems : [];
  const valid = list.flatMap((system, index) => {
    const { data } = SystemConfig.safeParse(system);
    return data === undefined ? [] : [{ system: data, index }];
  });
  const names = valid.map(({ system }) => system.name);
  for (const { system, index } of valid) {
    const first = valid[names.indexOf(system.name)]?.index;
    if (first !== index)
      problems.push(
        `systems[${index}].name: "${system.name}" is the name of systems[${first}] too; expected another`,
      );
    problems.push(
      ...tooMuchHistory(system, index),
      ...lackingInRegion(system, index),
      ...foreignArns(system, `systems[${index}]`),
    );
    for (const { path, problem } of neverAgain(system, now))
      problems.push(`systems[${index}].${path}: ${problem}`);
  }
  return {
    valid: problems.length === 0 ? valid.map(({ system }) => system) : [],
    problems: problems.map(shown),
  };
}

/** The problem of a system whose runs could fill the history of an execution, which ends the run in the middle. */
function tooMuchHistory(system: SystemConfig, index: number): string[] {
  const events = Math.max(mostEvents(system), mostEvents(system, 'startup'));
  if (events <= EVENTS_PLANNED) return [];
  return [
    `systems[${index}]: a run of "${system.name}" may write ${events} events into its history, expected at most ${EVENTS_PLANNED} of the ${EVENTS_ALLOWED} that Step Functions allows; ` +
      'name fewer notices.leadMinutes, fewer tiers or shorter timeoutSeconds of services, or a distribution list in place of users',
  ];
}

/** Services that the system needs and its Region lacks, if the Region is known at synth. The plan checks again. */
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
