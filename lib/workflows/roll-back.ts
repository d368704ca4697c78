import {
  Choice,
  Condition,
  Errors,
  type IChainable,
  Parallel,
  Pass,
  Result,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { STEPS } from '../../functions/contract/steps.ts';
import { HALF_WAY } from './retry-policies.ts';
import type { ShutdownTasks } from './shutdown-tasks.ts';

/**
 * Starts the services that the run stopped and ends maintenance mode. The test instance is deleted in parallel, so that users do not wait
 * for it. Each part keeps its own failure and the next part goes on. The report tells the result of each part.
 */
export function rollBack(scope: Construct, tasks: ShutdownTasks, system: SystemConfig): Parallel {
  const deletion = tasks.task({
    ...STEPS.rollbackTestInstance,
    retry: HALF_WAY,
  });
  const deleted = new Pass(scope, `${STEPS.rollbackTestInstance.name}: answer`, {
    outputPath: STEPS.rollbackTestInstance.answer,
  });
  deletion.addCatch(deleted, { errors: [Errors.ALL], resultPath: STEPS.rollbackTestInstance.answer });

  const services = tasks.task({
    ...STEPS.rollbackServices,
    retry: HALF_WAY,
  });
  const maintenance = tasks.task({
    ...STEPS.rollbackMaintenance,
    retry: HALF_WAY,
  });
  services.addCatch(maintenance, { errors: [Errors.ALL], resultPath: STEPS.rollbackServices.answer });
  const answered = new Pass(scope, `${STEPS.rollbackMaintenance.name}: answer`, { outputPath: '$.rollback' });
  maintenance.addCatch(answered, { errors: [Errors.ALL], resultPath: STEPS.rollbackMaintenance.answer });

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
    .branch(tasks.loop(deletion, STEPS.rollbackTestInstance.answer).next(deleted))
    .branch(
      new Choice(scope, 'Was anything stopped?')
        .when(Condition.isPresent('$.run.onlyProve'), nothingStopped(scope))
        .otherwise(
          tasks
            .loop(services, STEPS.rollbackServices.answer)
            .next(tasks.loop(maintenance, STEPS.rollbackMaintenance.answer))
            .next(answered),
        ),
    );
  if (verifiesFiles) back.branch(deleteTestVolumes(scope, tasks));
  return back;
}

/** A run that only proves a backup leaves services and maintenance mode to those who have switched them. */
function nothingStopped(scope: Construct): Pass {
  return new Pass(scope, 'Nothing was stopped', {
    result: Result.fromObject({ services: { done: true }, maintenance: { done: true } }),
  });
}

/** Runs in parallel with the other branches, so that users do not wait for the deletion of volumes. */
function deleteTestVolumes(scope: Construct, tasks: ShutdownTasks): IChainable {
  const resultPath = STEPS.rollbackTestVolumes.answer;
  const deletion = tasks.task({
    ...STEPS.rollbackTestVolumes,
    retry: HALF_WAY,
  });
  const deleted = new Pass(scope, `${STEPS.rollbackTestVolumes.name}: answer`, { outputPath: resultPath });
  deletion.addCatch(deleted, { errors: [Errors.ALL], resultPath });
  return tasks.loop(deletion, resultPath).next(deleted);
}
