import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asData, fingerprint, listOfData, textOfData } from '../../../functions/contract/server-data.ts';
import { flagAt } from './flag.ts';
import { inMemoryMark } from './memory-folders.ts';
import type { ActiveState, ScriptAnswer } from './supervisor.ts';
import type { UnitOptions } from './unit-options.ts';

/** Answers as `lib/documents/look.sh` does, for a server without processes and shells. */
export function answerForLook(
  root: string,
  units: readonly UnitOptions[],
  stateOf: (unit: string) => ActiveState | undefined,
  { Services = '', FlagFile = '' }: Record<string, string>,
): ScriptAnswer {
  const asked = Services === '' ? [] : listOfData(Services);
  const lines = asked.flatMap((name) => {
    const print = fingerprint(name);
    const state = stateOf(name);
    if (state === undefined) return [`service=${print} load=not-found state=inactive`];
    const taken = units.find((unit) => unit.name === name)?.requiredBy ?? [];
    return [
      `service=${print} load=loaded state=${state}`,
      ...taken
        .filter((other) => stateOf(other.replace(/\.service$/, '')) === 'active')
        .map((other) => `service=${print} takes=${asData(other)}`),
    ];
  });
  if (asked.some((name) => stateOf(name) === undefined)) {
    const known = units.map(({ name }) => `${name}.service`).sort();
    lines.push(`known=${asData(known.join('\n'))}`);
  }
  if (FlagFile !== '') {
    const path = join(root, textOfData(FlagFile));
    lines.push(
      `flag=${flagAt(path)} folder=ok filesystem=${existsSync(inMemoryMark(root)) ? 'tmpfs' : 'xfs'}`,
    );
  }
  return { code: 0, output: lines.map((line) => `lights-out ${line}\n`).join(''), errors: '' };
}
