import { SFNClient } from '@aws-sdk/client-sfn';
import type { Mailbox } from '../aws/services/ses.ts';
import type { SimulatedClock } from '../play/clock.ts';
import type { LambdaFunction } from '../play/lambda/lambda.ts';
import type { Executions } from '../play/states/executions.ts';
import type { DatabaseWorld } from '../world/database/world.ts';
import type { FaultInjector } from '../world/fault-injection.ts';
import { answerAll, approveByStolenToken } from '../world/people/answers.ts';
import { Approver } from '../world/people/approver.ts';
import { callApi } from '../world/people/operator-api.ts';
import type { People } from '../world/people/persons.ts';
import { Users } from '../world/people/users.ts';
import type { ServerWorld } from '../world/servers/world.ts';
import type { Rooms } from '../world/webhooks/rooms.ts';
import { OPERATOR_KEY } from './machinery.ts';

/** Users who are signed in when a rehearsal begins. */
const USERS = 5;

/** What people see of the world, and act on. */
export interface PeoplesWorld {
  clock: SimulatedClock;
  databases: DatabaseWorld;
  servers: ServerWorld;
  injector: FaultInjector;
  mailbox: Mailbox;
  rooms: Rooms;
  executions: Executions;
  people: People;
  functions: readonly LambdaFunction[];
}

/** Users who work in the CRM, and approvers who read what they are sent. @param to `cleanUps` gets what ends them. */
export async function addPeople(
  { clock, databases, servers, injector, mailbox, rooms, executions, people, functions }: PeoplesWorld,
  { url, region, cleanUps }: { url: string; region: string; cleanUps: (() => Promise<void> | void)[] },
): Promise<void> {
  if (!databases.hasFault('database-unreachable')) {
    const users = new Users({
      clock,
      count: USERS,
      signIn: () => databases.signIn('crm-web'),
      maintenance: () => servers.maintenance(),
      oneStays: databases.hasFault('session-stays'),
      onStay: () => injector.happened('session-stays'),
    });
    await users.start();
    cleanUps.push(() => users.stop());
  }
  const operator = new SFNClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: 'sandbox' },
  });
  cleanUps.push(() => operator.destroy());
  const approver = new Approver({
    clock,
    mails: mailbox.mails,
    rooms: rooms.messages,
    decision: databases.hasFault('approval-denied')
      ? 'deny'
      : databases.hasFault('approval-unanswered')
        ? 'nothing'
        : 'approve',
    onSilence: () => injector.happened('approval-unanswered'),
    answer: async (run, decision) => {
      if (databases.hasFault('token-stolen')) return approveByStolenToken(operator, executions, injector);
      await answerAll(
        {
          clock,
          injector,
          people,
          isSame: databases.hasFault('requester-approves'),
          call: (request) => callApi(functions, request),
        },
        run,
        decision,
      );
    },
  });
  approver.start();
  cleanUps.push(() => approver.stop());
}
