import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FUNCTIONS, type FunctionName, functionFacts } from '../../functions/contract/functions.ts';
import { ALL_STEPS } from '../../functions/contract/step-lookup.ts';

/** The catalogue as a page for people. */
export const CATALOGUE_PAGE = fileURLToPath(new URL('../../docs/steps.md', import.meta.url));

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: string[], rows: string[][]): string =>
  [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n');

/** `docs/steps.md` as the catalogue has it now. */
export function cataloguePage(): string {
  const steps = ALL_STEPS.map(({ name, zh, phase, answer, expectedSeconds, outage, partOf, ...call }) => [
    name,
    zh,
    `${call.function} \`${call.action}\``,
    `\`${answer}\``,
    phase,
    expectedSeconds === undefined ? '' : `${expectedSeconds} s`,
    outage === undefined ? '' : `${outage.stage}.${outage.branch}`,
    partOf ?? '',
  ]);
  const functions = (Object.keys(FUNCTIONS) as FunctionName[]).map((name) => {
    const { calledBy, timeoutSeconds, memoryMib, network, environment = [] } = functionFacts(name);
    return [
      name,
      calledBy,
      `${timeoutSeconds} s`,
      `${memoryMib} MiB`,
      network === undefined ? '' : 'yes',
      environment.map((variable) => `\`${variable}\``).join(', '),
    ];
  });
  return `# Steps and functions

Made from the catalogue (\`functions/contract/steps.ts\`, \`functions/contract/functions.ts\`) by \`npm run golden\`; a test holds it to them.

## Steps of a run

*Outage*: its stage in the time that the users are out, and its branch; branches of a stage run side by side. *Only for*: runs that do this have it.

${table(['state', '中文', 'call', 'answer', 'phase', 'first guess', 'outage', 'only for'], steps)}

## Functions

Each is told \`SYSTEM_NAME\` and \`EVIDENCE_BUCKET\`, and what stands here where the system has it.

${table(['function', 'called by', 'time-out', 'memory', 'in the VPC', 'is told'], functions)}
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(CATALOGUE_PAGE, cataloguePage());
