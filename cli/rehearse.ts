import { RunInput } from '../functions/contract/input.ts';
import { didYouMean } from '../functions/contract/nearest.ts';
import { StartupInput } from '../functions/contract/startup-input.ts';
import { describeIssues } from '../functions/contract/wording.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import type { AfterStep } from '../sandbox/rehearsal/aftermath.ts';
import type { RehearsedAction } from '../sandbox/rehearsal/run.ts';
import type { Fault } from '../sandbox/world/faults.ts';
import { parseJson } from '../sandbox/written-json.ts';
import { jsonOrFile } from './json-argument.ts';
import { LiveView } from './live-view.ts';
import { readOptions } from './options.ts';
import { checkRehearsal } from './preflight.ts';
import { summarise } from './summary.ts';

/** Simulated seconds per real second: a shutdown of an hour and a half takes some 20 seconds. */
const DEFAULT_SPEED = 360;
const MAXIMUM_SPEED = 5000;

const OPTIONS = {
  out: { type: 'string' },
  system: { type: 'string' },
  input: { type: 'string' },
  action: { type: 'string' },
  'seed-sql': { type: 'string' },
  faults: { type: 'string' },
  after: { type: 'string' },
  speed: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `lights-out rehearse`. @returns the exit code of the rehearsal contract. @throws BadInputError before anything is begun. */
export async function rehearseCommand(argv: string[]): Promise<number> {
  const values = readOptions('rehearse', argv, OPTIONS);
  if (values.out === undefined)
    throw new BadInputError(
      '--out: missing; expected a folder for what the rehearsal leaves, e.g. --out out/rehearsal',
    );
  const action = actionOf(values.action);
  const asked = {
    out: values.out,
    system: values.system,
    action,
    input: inputOf(values.input, action),
    seedSql: values['seed-sql'],
    faults: await faultsOf(values.faults),
    after: await afterOf(values.after),
    speed: speedOf(values.speed),
  };
  await checkRehearsal(asked);
  // The sandbox takes a second to load, so problems are told before.
  const { rehearse } = await import('../sandbox/rehearsal/rehearse.ts');
  const view = new LiveView(process.stdout, values.json === true);
  try {
    const rehearsal = await rehearse({ ...asked, onEvent: (event) => view.show(event) });
    view.end();
    if (values.json === true) process.stdout.write(`${JSON.stringify(rehearsal.record, null, 2)}\n`);
    else process.stdout.write(summarise(rehearsal, values.out));
    for (const sentence of rehearsal.broken) console.error(`lights-out: broken: ${sentence}`);
    if (rehearsal.exitCode === 2)
      console.error(`lights-out: ${rehearsal.record.error?.name}: ${rehearsal.record.error?.message}`);
    return rehearsal.exitCode;
  } finally {
    view.end();
  }
}

const ACTIONS = ['shutdown', 'startup', 'cycle'] as const;

function actionOf(value: string | undefined): RehearsedAction {
  if (value === undefined) return 'shutdown';
  const action = ACTIONS.find((each) => each === value);
  if (action !== undefined) return action;
  throw new BadInputError(
    `--action ${value}: expected one of: ${ACTIONS.join(', ')}${didYouMean(value, [...ACTIONS])}`,
  );
}

function inputOf(value: string | undefined, action: RehearsedAction): RunInput | StartupInput {
  if (value === undefined) return {};
  const json = parseJson(
    '--input',
    jsonOrFile('--input', value),
    'expected an object such as {"dryRun":true}',
  );
  const parsed = (action === 'startup' ? StartupInput : RunInput).safeParse(json);
  if (!parsed.success)
    throw new BadInputError(describeIssues(parsed.error, '--input', json).join('\nlights-out: '));
  return parsed.data;
}

async function afterOf(value: string | undefined): Promise<AfterStep[]> {
  if (value === undefined) return [];
  const { parseAfter } = await import('../sandbox/rehearsal/after-input.ts');
  return parseAfter(jsonOrFile('--after', value));
}

async function faultsOf(value: string | undefined): Promise<Fault[]> {
  if (value === undefined) return [];
  const text = jsonOrFile('--faults', value);
  // These modules know every operation of AWS's clients and take a while to load.
  const { parseFaults } = await import('../sandbox/world/fault-injection.ts');
  try {
    return parseFaults(text);
  } catch (error) {
    throw new BadInputError(error instanceof Error ? error.message : String(error));
  }
}

function speedOf(value: string | undefined): number {
  if (value === undefined) return DEFAULT_SPEED;
  const speed = Number(value);
  if (!(speed >= 1 && speed <= MAXIMUM_SPEED))
    throw new BadInputError(`--speed ${value}: expected a number from 1 to ${MAXIMUM_SPEED}`);
  return speed;
}
