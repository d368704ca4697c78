import { Errors, type IChainable, Parallel, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { StepName } from '../../functions/contract/state.ts';
import { HALF_WAY } from './retry-policies.ts';
import type { ShutdownTasks } from './shutdown-tasks.ts';

/**
 * Starts what the run stopped and ends maintenance mode, while the test instance is deleted beside it: the users do not wait for
 * that. Each part keeps its own failure and the next goes on; the report tells what each of them did.
 */
export function rollBack(scope: Construct, tasks: ShutdownTasks, system: SystemConfig): Parallel {
  const deletion = tasks.task({
    name: StepName.rollbackTestInstance,
    step: 'restore',
    action: 'delete',
    resultPath: '$.rollback.testInstance',
    retry: HALF_WAY,
  });
  const deleted = new Pass(scope, `${StepName.rollbackTestInstance}: answer`, {
    outputPath: '$.rollback.testInstance',
  });
  deletion.addCatch(deleted, { errors: [Errors.ALL], resultPath: '$.rollback.testInstance' });

  const services = tasks.task({
    name: StepName.rollbackServices,
    step: 'services',
    action: 'start',
    resultPath: '$.rollback.services',
    retry: HALF_WAY,
  });
  const maintenance = tasks.task({
    name: StepName.rollbackMaintenance,
    step: 'drain',
    action: 'end',
    resultPath: '$.rollback.maintenance',
    retry: HALF_WAY,
  });
  services.addCatch(maintenance, { errors: [Errors.ALL], resultPath: '$.rollback.services' });
  const answered = new Pass(scope, `${StepName.rollbackMaintenance}: answer`, { outputPath: '$.rollback' });
  maintenance.addCatch(answered, { errors: [Errors.ALL], resultPath: '$.rollback.maintenance' });

  const verifiesFiles = system.files.backup === 'verify';
  const back = new Parallel(scope, 'Roll back', {
    resultPath: '$.rollback',
    resultSelector: {
      'testInstance.$': '$[0]',
      'services.$': '$[1].services',
      'maintenance.$': '$[1].maintenance',
      ...(verifiesFiles ? { 'testVolumes.$': '$[2]' } : {}),
    },
  })
    .branch(tasks.loop(deletion, '$.rollback.testInstance').next(deleted))
    .branch(
      tasks
        .loop(services, '$.rollback.services')
        .next(tasks.loop(maintenance, '$.rollback.maintenance'))
        .next(answered),
    );
  if (verifiesFiles) back.branch(deleteTestVolumes(scope, tasks));
  return back;
}

/** Beside the others too: nobody waits for the copies of the volumes to go. */
function deleteTestVolumes(scope: Construct, tasks: ShutdownTasks): IChainable {
  const resultPath = '$.rollback.testVolumes';
  const deletion = tasks.task({
    name: StepName.rollbackTestVolumes,
    step: 'volumes',
    action: 'delete',
    resultPath,
    retry: HALF_WAY,
  });
  const deleted = new Pass(scope, `${StepName.rollbackTestVolumes}: answer`, { outputPath: resultPath });
  deletion.addCatch(deleted, { errors: [Errors.ALL], resultPath });
  return tasks.loop(deletion, resultPath).next(deleted);
}
