import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rehearseScenario } from '../support/rehearsals.ts';

it('is finished on request when a server did not stop, and the operators are told', {
  timeout: 400_000,
}, async () => {
  const { broken, record, aftermath, out, broughtBack } = await rehearseScenario({
    faults: [
      { service: 'ec2', operation: 'StopInstances', function: 'servers', kind: 'error', times: 100_000 },
    ],
    after: [{ mend: true }, { redrive: true }, { finish: true }, { finish: true }, { run: {} }],
  });

  expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'partly-off' });
  const [, redriven, finished, again, next] = aftermath;
  // The redrive that the mails once named does nothing.
  expect(redriven).toMatchObject({ servers: record.resources.servers, mails: [] });
  expect(Object.values(redriven?.servers ?? {})).toContain('running');
  expect(finished).toMatchObject({ database: 'stopped', mails: ['kept-stopped'] });
  expect(new Set(Object.values(finished?.servers ?? {}))).toEqual(new Set(['stopped']));
  expect(again).toMatchObject({ database: 'stopped', mails: ['kept-stopped'] });
  // The next shutdown finds it off.
  expect(next).toMatchObject({ run: { status: 'SUCCEEDED', outcome: 'already-off' } });
  expect(broughtBack?.confirmation).toMatchObject({ equal: true });
  const name = readdirSync(join(out, 'mail')).find((each) => each.includes('partly-off')) ?? '';
  // Quoted-printable breaks long lines.
  const partlyOff = readFileSync(join(out, 'mail', name), 'latin1').replaceAll(/=\r?\n/g, '');
  expect(partlyOff).toContain('lights-out finish --system crm');
  expect(partlyOff).not.toContain('redrive-execution');
});
