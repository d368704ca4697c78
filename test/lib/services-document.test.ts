import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, listAsData } from '../../functions/contract/server-data.ts';

const SCRIPT = readFileSync(new URL('../../lib/documents/services.sh', import.meta.url), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lights-out-services-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, text: string): void =>
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

/** Starts one service on a server that answers these states, one a second, the last for ever. */
function start(shell: string, states: string[]): { state: string; seconds: number } {
  writeFileSync(join(folder, 'states'), `${states.join('\n')}\n`);
  writeFileSync(join(folder, 'second'), '1');
  program(
    'systemctl',
    `case "$*" in *LoadState*) echo loaded ;; *ActiveState*) sed -n "$(cat ${folder}/second)p" ${folder}/states | grep . || tail -1 ${folder}/states ;; esac`,
  );
  program('sleep', `echo $(($(cat ${folder}/second) + 1)) >${folder}/second`);
  const text = SCRIPT.replace('@OWN@', fingerprint('crm'))
    .replace('{{ Action }}', 'start')
    .replace('{{ WaitSeconds }}', '25')
    .replace('{{ Services }}', listAsData(['crm']));
  writeFileSync(join(folder, 'script.sh'), text);
  const output = execFileSync(shell, [join(folder, 'script.sh')], {
    encoding: 'utf8',
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
  });
  const [, state = ''] = /state=(\w+)/.exec(output) ?? [];
  return { state, seconds: Number(readFileSync(join(folder, 'second'), 'utf8')) - 1 };
}

describe.each(['dash', 'bash'])('the start of a service by the document, in %s', (shell) => {
  it.each<[string, string[], string, number]>([
    ['is over at once where it is active', ['active'], 'active', 0],
    ['waits for one that is on its way', ['activating', 'activating', 'active'], 'active', 2],
    ['does not take the failure of before for its own', ['failed', 'active'], 'active', 1],
    ['fails where it still has failed a second later', ['failed', 'failed', 'active'], 'failed', 1],
    ['gives up one that never comes', ['inactive'], 'inactive', 25],
  ])('%s', (_what, states, state, seconds) => {
    expect(start(shell, states)).toEqual({ state, seconds });
  });
});
