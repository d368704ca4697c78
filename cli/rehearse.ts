import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RunInput } from '../functions/shared/contract/input.ts';
import { describeIssues } from '../functions/shared/contract/wording.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { parseFaults } from '../sandbox/fault-injection.ts';
import type { Fault } from '../sandbox/faults.ts';
import { parseAfter } from '../sandbox/rehearsal/after-input.ts';
import { rehearse } from '../sandbox/rehearsal.ts';
import { LiveView } from './live-view.ts';
import { summarise } from './summary.ts';

/** Simulated seconds in a real second: the shutdown of an hour and a half passes in some 20 seconds. */
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
  const values = parse(argv);
  if (values.out === undefined)
    throw new BadInputError('--out: missing; expected a folder for what the rehearsal leaves');
  if (values.action !== undefined && values.action !== 'shutdown') {
    throw new BadInputError(
      `--action ${values.action}: expected "shutdown", which is what this version rehearses`,
    );
  }
  const view = new LiveView(process.stdout, values.json === true);
  try {
    const rehearsal = await rehearse({
      out: values.out,
      system: values.system,
      input: inputOf(values.input),
      seedSql: values['seed-sql'],
      faults: faultsOf(values.faults),
      after: values.after === undefined ? [] : parseAfter(jsonOrFile('--after', values.after)),
      speed: speedOf(values.speed),
      onEvent: (event) => view.show(event),
    });
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

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new BadInputError(
      `${error instanceof Error ? error.message.split('. ')[0] : String(error)}; expected the options of "lights-out help"`,
    );
  }
}

/** JSON where it looks like JSON, else the file of that name. */
function jsonOrFile(option: string, value: string): string {
  if (/^\s*[[{]/.test(value)) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    throw new BadInputError(
      `${option} ${value}: neither JSON nor a readable file (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function inputOf(value: string | undefined): RunInput {
  if (value === undefined) return {};
  const text = jsonOrFile('--input', value);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BadInputError(
      `--input: not JSON (${error instanceof Error ? error.message : String(error)}); expected an object such as {"dryRun":true}`,
    );
  }
  const parsed = RunInput.safeParse(json);
  if (!parsed.success)
    throw new BadInputError(describeIssues(parsed.error, '--input', json).join('\nlights-out: '));
  return parsed.data;
}

function faultsOf(value: string | undefined): Fault[] {
  if (value === undefined) return [];
  try {
    return parseFaults(jsonOrFile('--faults', value));
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
