import { execFileSync } from 'node:child_process';
import { lutimesSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SystemConfig } from '../../../../functions/contract/config.ts';
import { asData, fingerprint, listAsData } from '../../../../functions/contract/server-data.ts';
import {
  type CommandDocument,
  checkParameters,
  renderScript,
} from '../../../../sandbox/aws/services/ssm-document.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { writeCrmFiles } from '../../../../sandbox/world/servers/crm-files.ts';
import { deviceLine, deviceTable } from '../../../../sandbox/world/servers/device-table.ts';
import { QuickSupervisor } from '../../../../sandbox/world/servers/quick-supervisor.ts';
import { type ServiceManager, Supervisor } from '../../../../sandbox/world/servers/supervisor.ts';
import { deployedDocuments } from '../../../support/documents.ts';

const UNITS = [
  { name: 'web', hangs: false },
  { name: 'worker', hangs: false, requiredBy: ['web.service', 'gone.service'] },
  { name: 'stubborn', hangs: true },
];

const SOURCE = 'vol-0aaaaaaaaaaaaaaa1';
const COPY = 'vol-0bbbbbbbbbbbbbbb2';
const Directory = '/run/lights-out/crm-1';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What commands are sent, one after the other. */
const COMMANDS = [
  ['services', { Action: 'status', Services: 'web worker stubborn absent', WaitSeconds: '0' }],
  ['services', { Action: 'stop', Services: 'web', WaitSeconds: '25' }],
  ['services', { Action: 'status', Services: 'web worker', WaitSeconds: '0' }],
  ['services', { Action: 'stop', Services: 'web absent', WaitSeconds: '25' }],
  ['services', { Action: 'stop', Services: 'stubborn worker', WaitSeconds: '3' }],
  ['services', { Action: 'start', Services: 'stubborn worker web', WaitSeconds: '25' }],
  ['maintenance', { Action: 'on', FlagFile: '/var/lib/crm/maintenance.flag' }],
  ['maintenance', { Action: 'on', FlagFile: '/var/lib/crm/maintenance.flag' }],
  ['maintenance', { Action: 'off', FlagFile: '/var/lib/crm/maintenance.flag' }],
  ['maintenance', { Action: 'off', FlagFile: '/var/lib/crm/maintenance.flag' }],
  ['look', { Services: 'web worker stubborn absent', FlagFile: '/var/lib/crm/maintenance.flag' }],
  ['look', { FlagFile: '/var/lib/crm/maintenance.flag', Files: 'yes' }],
  ['volumes', { Action: 'flush', Directory }],
  ['volumes', { Action: 'record', Directory, Volumes: `${SOURCE}:sdf vol-0ffffffffffffffff:sdh` }],
  ['volumes', { Action: 'record', Directory, Volumes: `${SOURCE}:sdf ${COPY}:sdg`, Contents: 'yes' }],
  ['volumes', { Action: 'check', Directory, Volumes: `${COPY}:sdg` }],
  ['volumes', { Action: 'release', Directory }],
] as const;

test('answers as the real scripts do on real processes', { timeout: 180_000 }, async () => {
  const documents = await deployedDocuments();

  const [real, quick] = await Promise.all([answers('real', documents), answers('quick', documents)]);

  expect(quick).toEqual(real);
});

async function answers(
  kind: 'real' | 'quick',
  documents: Awaited<ReturnType<typeof deployedDocuments>>,
): Promise<unknown[]> {
  const root = mkdtempSync(join(tmpdir(), 'lights-out-supervisor-'));
  cleanUps.push(() => rmSync(root, { recursive: true, force: true }));
  const clock = new SandboxClock(kind === 'real' ? 50 : Number.POSITIVE_INFINITY, 0);
  cleanUps.push(() => clock.stop());
  const Services = kind === 'real' ? Supervisor : QuickSupervisor;
  const supervisor: ServiceManager = new Services(root, UNITS, clock);
  await supervisor.start();
  await makeVolumes(root);
  cleanUps.push(() => supervisor.stop());
  const server = { platform: 'linux', supervisor } as {
    platform: SystemConfig['servers'][number]['platform'];
  };
  const found: unknown[] = [];
  for (const [name, given] of COMMANDS) {
    const document = name === 'services' ? ofServices(documents.services) : documents[name];
    const parameters = checkParameters(
      document,
      Object.fromEntries(Object.entries(given).map(([key, value]) => [key, [encoded(key, value)]])),
    );
    const { script, seconds } = renderScript(document, server as never, parameters);
    const { code, output } = await supervisor.runScript(script, seconds, parameters);
    found.push({ given, code, output, states: supervisor.states() });
  }
  return found;
}

const encoded = (key: string, value: string): string => {
  if (key === 'Services') return listAsData(value.split(' '));
  return key === 'FlagFile' ? asData(value) : value;
};

/** The document as it is for a system that has these services. */
function ofServices(document: CommandDocument): CommandDocument {
  const own = ['web', 'worker', 'stubborn', 'absent'].map(fingerprint).join(' ');
  const [step] = document.mainSteps;
  if (step === undefined) throw new Error('the document has no step');
  const runCommand = step.inputs.runCommand.map((line) =>
    line.startsWith("own='") ? `own=' ${own} '` : line,
  );
  return { ...document, mainSteps: [{ ...step, inputs: { ...step.inputs, runCommand } }] };
}

/** A data volume with files, links and folders, and a copy of it; the same times for both kinds of server. */
async function makeVolumes(root: string): Promise<void> {
  const folders = { source: join(root, 'source'), copy: join(root, 'copy') };
  await writeCrmFiles(folders.source, 'web-1', 2);
  symlinkSync('/nowhere', join(folders.source, 'a link'));
  for (const path of readdirSync(folders.source, { recursive: true, encoding: 'utf8' }).concat(''))
    lutimesSync(join(folders.source, path), 1_767_000_000.123, 1_767_000_000.123);
  execFileSync('/bin/cp', ['-a', folders.source, folders.copy]);
  const device = (name: string, id: string, folder: string, mountPoint: string): string =>
    deviceLine({ name, serial: id.replace('-', ''), bytes: 1024, filesystem: 'xfs', folder, mountPoint });
  const lines = [
    device('nvme1n1', SOURCE, folders.source, folders.source),
    device('nvme2n1', COPY, folders.copy, ''),
  ];
  writeFileSync(deviceTable(root), `${lines.join('\n')}\n`);
}
