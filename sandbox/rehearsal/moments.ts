import { terminate } from '../aws/services/ec2.ts';
import { BadInputError } from '../bad-input.ts';
import type { StateMachineDefinition } from '../deployment.ts';
import type { SimulatedClock } from '../play/clock.ts';
import type { LambdaFunction } from '../play/lambda/lambda.ts';
import type { Execution } from '../play/states/execution.ts';
import type { Executions } from '../play/states/executions.ts';
import { strikeStatus } from '../world/database/status-fault.ts';
import type { DatabaseWorld } from '../world/database/world.ts';
import type { Fault, Stop, WorldFault } from '../world/faults.ts';
import type { KeyWorld } from '../world/keys.ts';
import type { ServerWorld } from '../world/servers/world.ts';

/** A fault that strikes when the run enters a state. */
type MomentFault = Extract<WorldFault, { at?: string | undefined }> & {
  at: string;
  of?: string | undefined;
  called?: boolean | undefined;
};

export interface MomentOptions {
  faults: readonly Fault[];
  clock: SimulatedClock;
  executions: Executions;
  databases: DatabaseWorld;
  keys: KeyWorld;
  servers: ServerWorld;
  onFault(name: WorldFault['world']): void;
}

/**
 * Lets the faults of the world that name a state strike when the first run, the first start-up, or CleanUp after them, enters it, each once.
 *
 * @throws BadInputError when a fault names a state that no workflow of the run, or of CleanUp, has.
 */
export function strikeAtStates(options: MomentOptions): void {
  const { faults, clock, executions, databases, keys, servers, onFault } = options;
  const { stateMachine, stateMachines, startup } = executions.deployment;
  const cleanUp = stateMachines.find(({ name }) => name.endsWith('-CleanUp'));
  const known = {
    run: stateNames(stateMachine.definition),
    'clean-up': cleanUp === undefined ? [] : stateNames(cleanUp.definition),
    startup: stateNames(startup.definition),
  };
  /** A state that only the start-up has is the start-up's. */
  const machineOf = ({ at, of }: MomentFault): keyof typeof known =>
    of === 'clean-up' ? of : known.run.includes(at) || !known.startup.includes(at) ? 'run' : 'startup';
  faults.forEach((fault, index) => {
    if (!isMoment(fault)) return;
    const states = known[machineOf(fault)];
    if (!states.includes(fault.at)) {
      throw new BadInputError(
        `--faults[${index}].at "${fault.at}": no such state; expected one of: ${states.join(', ')}`,
      );
    }
  });
  const open = new Set(faults.filter(isMoment));
  executions.onState = (execution, state) => strikeAt(execution, state, false);
  executions.happened = () => databases.written;
  executions.onCall = (execution, state) => strikeAt(execution, state, true);

  function strikeAt(execution: Execution, state: string, called: boolean): void {
    const isStartup = execution.machine.arn === startup.arn;
    const machine = execution.machine === cleanUp ? 'clean-up' : isStartup ? 'startup' : 'run';
    if (isStartup && execution !== firstStartup()) return;
    if (machine === 'run' && execution !== executions.first) return;
    for (const fault of open) {
      if (fault.at !== state || machineOf(fault) !== machine || (fault.called === true) !== called) continue;
      open.delete(fault);
      onFault(fault.world);
      strike(fault, execution);
    }
  }

  function firstStartup(): Execution | undefined {
    return [...executions.all.values()].find(({ machine }) => machine.arn === startup.arn);
  }

  function strike(fault: MomentFault, execution: Execution): void {
    switch (fault.world) {
      case 'database-status':
        strikeStatus(databases, fault.status);
        return;
      case 'database-busy': {
        const { sourceDatabase } = databases;
        sourceDatabase.status = fault.status;
        clock.after(fault.minutes * 60_000, () => {
          if (sourceDatabase.status === fault.status) sourceDatabase.status = 'available';
        });
        return;
      }
      case 'quota-reached':
        databases.usedUp.add(fault.quota);
        return;
      case 'server-replaced': {
        const server = servers.servers.find(({ name }) => name === fault.server) ?? servers.servers[0];
        if (server !== undefined) terminate(servers, server);
        return;
      }
      case 'late-write':
        databases.writeLate(fault.table, fault.undone);
        return;
      case 'service-comes-back':
        servers.bringBack(fault.service);
        if (fault.writes === true) databases.writeLate();
        return;
      case 'key-denied':
      case 'key-disabled':
        keys.strike(fault.world);
        return;
      case 'second-run':
        // After CleanUp comes another shutdown.
        executions.start(
          `${execution.name}-again`,
          '{}',
          execution.machine.arn === startup.arn ? startup : stateMachine,
        );
        return;
      case 'operator-aborts':
        execution.stop('States.Aborted', 'an operator stopped the execution');
        if (fault.redriven === 0) executions.redrive(execution);
        else if (fault.redriven !== undefined) redriveLater(execution, fault.redriven);
    }
  }

  function redriveLater(execution: Execution, seconds: number): void {
    executions.expected += 1;
    clock.after(seconds * 1000, () => {
      executions.expected -= 1;
      executions.redrive(execution);
    });
  }
}

/** Ends the first run from one moment to the next: its execution, and whatever a function does just now. */
export function stopEverything(
  { status, event }: Stop,
  executions: Executions,
  functions: readonly LambdaFunction[],
): void {
  const tell = executions.onStatus;
  if (event === 'lost') executions.onStatus = () => undefined;
  const [error, cause] =
    status === 'ABORTED'
      ? ['States.Aborted', 'everything of the run was stopped']
      : ['States.Timeout', 'the execution ran out of time'];
  executions.first?.stop(error, cause, status);
  executions.onStatus = tell;
  for (const each of functions) each.end('killed');
}

function isMoment(fault: Fault): fault is MomentFault {
  return 'world' in fault && 'at' in fault && fault.at !== undefined;
}

/** Of the machine and of everything inside its parallel branches. */
function stateNames({ States }: StateMachineDefinition): string[] {
  return Object.entries(States).flatMap(([name, { Branches = [] }]) => [
    name,
    ...Branches.flatMap(stateNames),
  ]);
}
