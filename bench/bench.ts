import { parseArgs } from 'node:util';
import { benchVerify } from './verify.ts';

const USAGE = 'npm run bench -- verify [--rows N] [--tables N] [--extremes] [--json FILE]';

/** `npm run bench -- verify`: how fast a verification is, beside other ways to do it. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: 'string', default: '10000000' },
      tables: { type: 'string', default: '2000' },
      extremes: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const [rows, tables] = [Number(values.rows), Number(values.tables)];
  const sensible = Number.isInteger(rows) && rows > 0 && Number.isInteger(tables) && tables > 0;
  if (positionals.join(' ') !== 'verify' || !sensible) {
    process.stderr.write(`expected: ${USAGE}\n`);
    return 2;
  }
  await benchVerify({ rows, tables, extremes: values.extremes, json: values.json });
  return 0;
}

process.exitCode = await main();
