import { AwsError, type ServiceName } from '../operation.ts';
import type { ServiceModel } from './model.ts';
import type { InputProblem } from './problem.ts';

/**
 * How each service words a refusal. Codes:
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html,
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
interface Wording {
  throttled: readonly [code: string, status: number];
  internal: readonly [code: string, status: number];
  denied: readonly [code: string, status: number];
  unknownKey: readonly [code: string, status: number];
}

const QUERY: Wording = {
  throttled: ['Throttling', 400],
  internal: ['InternalFailure', 500],
  denied: ['AccessDenied', 403],
  unknownKey: ['InvalidClientTokenId', 403],
};

const JSON_SERVICE: Wording = {
  throttled: ['ThrottlingException', 400],
  internal: ['InternalFailure', 500],
  denied: ['AccessDeniedException', 403],
  unknownKey: ['UnrecognizedClientException', 403],
};

const WORDING: Record<ServiceName, Wording> = {
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-api-throttling.html
  rds: { ...QUERY, throttled: ['ThrottlingException', 400] },
  ses: QUERY,
  sts: QUERY,
  ec2: {
    throttled: ['RequestLimitExceeded', 503],
    internal: ['InternalError', 500],
    denied: ['UnauthorizedOperation', 403],
    unknownKey: ['AuthFailure', 401],
  },
  ssm: { ...JSON_SERVICE, internal: ['InternalServerError', 500] },
  secretsmanager: { ...JSON_SERVICE, internal: ['InternalServiceError', 500] },
  states: JSON_SERVICE,
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html, CommonErrors.html
  kms: { ...JSON_SERVICE, internal: ['KMSInternalException', 500] },
  s3: {
    throttled: ['SlowDown', 503],
    internal: ['InternalError', 500],
    denied: ['AccessDenied', 403],
    unknownKey: ['InvalidAccessKeyId', 403],
  },
};

const error = ([code, status]: readonly [string, number], message: string) =>
  new AwsError(code, message, status);

/** "Too fast", in the service's own words. */
export function throttled(service: ServiceName): AwsError {
  const message = service === 's3' ? 'Please reduce your request rate.' : 'Rate exceeded';
  return error(WORDING[service].throttled, message);
}

/** The service's own 500. */
export function internalFailure(service: ServiceName): AwsError {
  return error(
    WORDING[service].internal,
    'The request processing has failed because of an unknown error, exception or failure.',
  );
}

/** The caller's policies do not allow the action on that resource. */
export function accessDenied(
  service: ServiceName,
  principal: string,
  action: string,
  resource: string,
  explicit: boolean,
): AwsError {
  const reason = explicit
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return error(
    WORDING[service].denied,
    service === 'ec2' ? `You are not authorized to perform this operation. ${message}` : message,
  );
}

/** The access key is nobody's. */
export function unknownAccessKey(service: ServiceName): AwsError {
  const message =
    service === 's3'
      ? 'The AWS Access Key Id you provided does not exist in our records.'
      : 'The security token included in the request is invalid.';
  return error(WORDING[service].unknownKey, message);
}

/** The service has no such operation. */
export function unknownOperation(model: ServiceModel, operation: string): AwsError {
  switch (model.protocol) {
    case 'awsQuery':
      return new AwsError(
        'InvalidAction',
        `Could not find operation ${operation} for version ${model.apiVersion}`,
      );
    case 'ec2Query':
      return new AwsError('InvalidAction', `The action ${operation} is not valid for this web service.`);
    case 'restXml':
      return new AwsError(
        'NotImplemented',
        `A header or operation you provided implies functionality that is not implemented (${operation})`,
        501,
      );
    default:
      return new AwsError('UnknownOperationException', `The operation ${operation} is not known.`);
  }
}

/** Turns what is wrong with an input into the service's answer. AWS names missing members before all else. */
export function refuseInput(model: ServiceModel, problems: readonly InputProblem[]): AwsError {
  const missing = problems.filter(({ kind }) => kind === 'missing');
  const [first] = missing.length > 0 ? missing : problems;
  if (first === undefined) throw new Error('refuseInput was called without a problem');
  const typed = problems.find(({ kind }) => kind === 'type');
  if (model.protocol.startsWith('awsJson')) {
    // JSON is read before it is checked, so a wrong type wins over a missing member.
    if (typed !== undefined) return new AwsError('SerializationException', jsonTypeMessage(typed));
    if (first.kind === 'missing') return new AwsError('ValidationException', nullMessage(missing));
    return new AwsError(
      'ValidationException',
      `Unknown parameter in input: "${dotted(first)}": AWS would ignore it; the sandbox refuses it as a mistake`,
    );
  }
  const name = dotted(first);
  switch (first.kind) {
    case 'missing':
      return model.service === 'rds' || model.service === 'ec2'
        ? new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
        : new AwsError(model.service === 's3' ? 'InvalidRequest' : 'ValidationError', nullMessage(missing));
    case 'unknown':
      return model.service === 'ec2'
        ? new AwsError('UnknownParameter', `The parameter ${name} is not recognized`)
        : new AwsError(
            model.service === 's3' ? 'InvalidArgument' : 'InvalidQueryParameter',
            `The parameter ${name} is not recognized`,
          );
    default:
      return new AwsError(
        model.service === 's3' ? 'InvalidArgument' : 'InvalidParameterValue',
        `Invalid value ${first.found} for parameter ${name}: must be ${first.expected}`,
      );
  }
}

function dotted({ path }: InputProblem): string {
  return path.join('.');
}

/** Words of the validator behind most JSON services (and SES): names begin in lower case, lists say `member`. */
function nullMessage(missing: readonly InputProblem[]): string {
  const parts = missing.map(
    ({ path }) =>
      `Value null at '${path
        .map((part) => (typeof part === 'number' ? `${part}.member` : lowerFirst(part)))
        .join('.')}' failed to satisfy constraint: Member must not be null`,
  );
  return `${parts.length} validation error${parts.length === 1 ? '' : 's'} detected: ${parts.join('; ')}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function jsonTypeMessage({ path, expected, found }: InputProblem): string {
  const where = path.length === 0 ? '' : ` (${path.join('.')})`;
  return `${found} can not be converted to ${expected}${where}`;
}
