import type { Filter } from '@aws-sdk/client-ec2';
import type { SendCommandCommandInput } from '@aws-sdk/client-ssm';
import { AwsError } from '../operation.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html: InstanceIds, Comment, TimeoutSeconds. */
const SEND_COMMAND = { instances: 50, comment: 100, leastTimeoutSeconds: 30 } as const;

/** Refuses what Run Command takes of no request, whatever it is about. @throws AwsError `ValidationException` */
export function checkSendCommand({
  InstanceIds = [],
  Comment = '',
  TimeoutSeconds,
}: SendCommandCommandInput): void {
  if (InstanceIds.length > SEND_COMMAND.instances)
    throw invalid('instanceIds', `length less than or equal to ${SEND_COMMAND.instances}`);
  if (Comment.length > SEND_COMMAND.comment)
    throw invalid('comment', `length less than or equal to ${SEND_COMMAND.comment}`);
  if (TimeoutSeconds !== undefined && TimeoutSeconds < SEND_COMMAND.leastTimeoutSeconds)
    throw invalid('timeoutSeconds', `value greater than or equal to ${SEND_COMMAND.leastTimeoutSeconds}`);
}

function invalid(field: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `Value at '${field}' failed to satisfy constraint: Member must have ${constraint}`,
  );
}

/** EC2 takes so many values in one filter: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html */
const VALUES_A_FILTER = 200;

/** Code: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. @throws AwsError `FilterLimitExceeded` */
export function checkFilters(filters: Filter[] = []): void {
  if (filters.some(({ Values = [] }) => Values.length > VALUES_A_FILTER))
    throw new AwsError(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${VALUES_A_FILTER}`,
    );
}
