import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SimulatedClock } from '../../play/clock.ts';
import { deviceTable } from './device-table.ts';
import type { UnitOptions } from './unit-options.ts';
import { UnitStarts } from './unit-starts.ts';

const run = promisify(execFile);

/** States as systemd names them. */
export type ActiveState = 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating';

/** What became of a script. */
export interface ScriptAnswer {
  code: number;
  output: string;
  errors: string;
}

/** One server's services, and the scripts that are run on it. */
export interface ServiceManager {
  /** The server's own folder: its file system, as far as the sandbox is concerned. */
  readonly root: string;
  /** Boots the server: its enabled services come up a while later, each after the other. At the beginning of the world all of them are up. */
  start(): Promise<void>;
  /** Power off: every service ends, whatever it wants. */
  stop(): Promise<void>;
  states(): Record<string, ActiveState>;
  /** Starts a service as something on the server itself does. */
  bringBack(unit: string): void;
  /** Runs a document's script, whose parameters are filled in. Never throws: the exit code tells. */
  runScript(
    script: string,
    timeoutSeconds: number,
    parameters: Record<string, string>,
  ): Promise<ScriptAnswer>;
}

/** `crm.service` and `crm` are one unit: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html, "Parameter Syntax". */
const plain = (unit: string): string => unit.replace(/\.service$/, '');

/** A service that does what services do: it is there, writes a line now and then, and ends when it is told to. */
const SERVICE = `trap 'exit 0' TERM; while :; do echo beat >> "$0"; sleep 1 & wait $!; done`;
const SERVICE_THAT_HANGS = `trap '' TERM; while :; do echo beat >> "$0"; sleep 1 & wait $!; done`;

/** `sleep` of a server: asks the supervisor, and is done when the file that it asked for is there. */
const SLEEP = `#!/bin/sh
done="@UNITS@.requests/.slept-$$"
: >"@UNITS@.requests/$$ sleep $1"
while [ -d "@UNITS@.requests" ] && [ ! -f "$done" ]; do /bin/sleep 0.004; done
rm -f "$done"
`;

/** How often requests of `systemctl` are looked for, in real milliseconds. */
const POLL_MILLISECONDS = 10;

/** One server's service manager: real processes, and a `systemctl` on its path that talks to this through files. */
export class Supervisor implements ServiceManager {
  readonly root: string;
  readonly #units: string;
  readonly #options: UnitOptions[];
  readonly #clock: SimulatedClock;
  /** Scripts under way hold the clock at real speed, except while they sleep. */
  #holds: (() => void)[] = [];
  readonly #processes = new Map<string, ChildProcess>();
  readonly #starts: UnitStarts;
  #poll: NodeJS.Timeout | undefined;
  #busy = false;

  /** @param root the server's own folder: its file system, as far as the sandbox is concerned. */
  constructor(root: string, units: UnitOptions[], clock: SimulatedClock) {
    this.root = root;
    this.#units = join(root, '.units');
    this.#options = units;
    this.#clock = clock;
    this.#starts = new UnitStarts(units, clock, {
      launch: (unit) => this.#launch(unit),
      fail: (unit) => this.#set(unit, 'failed'),
      fall: (unit) => this.#fall(unit),
      isActive: (unit) => this.#processes.has(unit),
    });
  }

  async start(): Promise<void> {
    const bin = join(this.root, '.bin');
    const relations = `${this.#units}.relations`;
    for (const folder of [this.#units, `${this.#units}.requests`, relations, bin, join(this.root, '.logs')])
      await mkdir(folder, { recursive: true });
    const systemctl = await readFile(new URL('./systemctl.sh', import.meta.url), 'utf8');
    await this.#program(join(bin, 'systemctl'), systemctl.replaceAll('@UNITS@', this.#units));
    // A script's own waits are simulated time too: the supervisor answers when they are over.
    await this.#program(join(bin, 'sleep'), SLEEP.replaceAll('@UNITS@', this.#units));
    const blockDevices = await readFile(new URL('./block-devices.sh', import.meta.url), 'utf8');
    for (const name of ['lsblk', 'blkid', 'findmnt', 'mount', 'umount'])
      await this.#program(join(bin, name), blockDevices.replaceAll('@DEVICES@', deviceTable(this.root)));
    // The real one would write out the whole machine's buffers.
    await this.#program(join(bin, 'sync'), '#!/bin/sh\nexit 0\n');
    for (const { name, requiredBy, isDisabled } of this.#options) {
      if (requiredBy !== undefined)
        await writeFile(join(relations, `${plain(name)} RequiredBy`), requiredBy.join(' '));
      const disabled = join(relations, `${plain(name)} disabled`);
      if (isDisabled === true) await writeFile(disabled, '');
      else await rm(disabled, { force: true });
    }
    this.#starts.boot();
    this.#poll = setInterval(() => void this.#serve(), POLL_MILLISECONDS);
  }

  async #program(path: string, text: string): Promise<void> {
    await writeFile(path, text);
    await chmod(path, 0o755);
  }

  state(unit: string): ActiveState {
    const file = join(this.#units, plain(unit));
    return existsSync(file) ? (readFileSync(file, 'utf8').trim() as ActiveState) : 'inactive';
  }

  states(): Record<string, ActiveState> {
    return Object.fromEntries(this.#options.map((unit) => [unit.name, this.state(unit.name)]));
  }

  bringBack(unit: string): void {
    this.#startUnit(unit);
  }

  /** Runs a script as the SSM agent does: in a shell, from a file. Never throws: the exit code tells. */
  async runScript(script: string, timeoutSeconds: number): Promise<ScriptAnswer> {
    const file = join(this.root, `.script-${process.hrtime.bigint()}.sh`);
    // From the first moment: on a busy machine even the writing of a file would let simulated minutes pass.
    this.#holds.push(this.#clock.work());
    try {
      await writeFile(file, script);
      const { stdout, stderr } = await run('/bin/sh', [file], {
        cwd: this.root,
        env: { PATH: `${join(this.root, '.bin')}:/usr/local/bin:/usr/bin:/bin` },
        timeout: timeoutSeconds * 1000,
      });
      return { code: 0, output: stdout, errors: stderr };
    } catch (error) {
      const failed = error as { code?: number | string; stdout?: string; stderr?: string };
      return {
        code: typeof failed.code === 'number' ? failed.code : 1,
        output: failed.stdout ?? '',
        errors: failed.stderr ?? String(error),
      };
    } finally {
      this.#holds.pop()?.();
      await rm(file, { force: true });
    }
  }

  /** A script sleeps: time may run meanwhile. */
  #sleep(pid: string, seconds: number): void {
    this.#holds.pop()?.();
    this.#clock.after(seconds * 1000, () => {
      this.#holds.push(this.#clock.work());
      try {
        writeFileSync(join(`${this.#units}.requests`, `.slept-${pid}`), '');
      } catch (error) {
        // The folder is gone: the sandbox is being stopped.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      }
    });
  }

  #set(unit: string, state: ActiveState): void {
    // Renamed into place: a reader never sees half a word.
    const file = join(this.#units, plain(unit));
    writeFileSync(`${file}.new`, `${state}\n`);
    renameSync(`${file}.new`, file);
  }

  #launch(unit: string): void {
    const options = this.#options.find((candidate) => candidate.name === unit);
    if (options === undefined) return;
    const child = spawn(
      '/bin/sh',
      ['-c', options.hangs ? SERVICE_THAT_HANGS : SERVICE, join(this.root, '.logs', `${unit}.log`)],
      {
        cwd: this.root,
        env: { PATH: '/usr/bin:/bin' },
        stdio: 'ignore',
        detached: true,
      },
    );
    this.#processes.set(unit, child);
    running.add(child);
    this.#set(unit, 'active');
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (this.#processes.get(unit) !== child) return;
      this.#processes.delete(unit);
      this.#set(unit, code === 0 || signal === 'SIGTERM' ? 'inactive' : 'failed');
    });
  }

  async #serve(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const requests = (await readdir(`${this.#units}.requests`)).filter((name) => !name.startsWith('.'));
      for (const request of requests.sort()) {
        await rm(join(`${this.#units}.requests`, request), { force: true });
        const [pid = '', verb, named = ''] = request.split(' ');
        const unit = this.#options.find(({ name }) => plain(name) === named)?.name ?? named;
        if (verb === 'sleep') this.#sleep(pid, Number(named));
        else if (verb === 'stop') this.#stopUnit(unit);
        else this.#startUnit(unit);
      }
    } catch (error) {
      // The folder is gone: the sandbox is being stopped.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** Ends by itself, and systemd is about to start it again: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html, "Restart=". */
  #fall(unit: string): void {
    const child = this.#processes.get(unit);
    this.#processes.delete(unit);
    if (child !== undefined) killGroup(child);
    this.#set(unit, 'activating');
  }

  #stopUnit(unit: string): void {
    this.#starts.forget(unit);
    const child = this.#processes.get(unit);
    if (child === undefined) {
      if (this.state(unit) === 'activating') this.#set(unit, 'inactive');
      return;
    }
    this.#set(unit, 'deactivating');
    child.kill('SIGTERM');
    const options = this.#options.find((candidate) => candidate.name === unit);
    if (options?.hangs === true) {
      options.onHang?.();
      return;
    }
    // Ending takes the process some real milliseconds: no simulated minutes for it.
    child.once('exit', this.#clock.work());
  }

  #startUnit(unit: string): void {
    // A stop that hangs is given up by the start that follows it: the process never ended.
    if (this.#processes.has(unit)) this.#set(unit, 'active');
    else this.#starts.start(unit);
  }

  /** Power off: every process ends, whatever it wants. */
  async stop(): Promise<void> {
    clearInterval(this.#poll);
    this.#starts.forgetAll();
    await Promise.all(
      [...this.#processes].map(async ([unit, child]) => {
        this.#processes.delete(unit);
        const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
        killGroup(child);
        await exited;
        this.#set(unit, 'inactive');
      }),
    );
    for (const { name } of this.#options)
      if (existsSync(join(this.#units, plain(name)))) this.#set(name, 'inactive');
  }
}

const running = new Set<ChildProcess>();

/** The service and the `sleep` it waits for. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

process.on('exit', () => {
  for (const child of running) killGroup(child);
});
