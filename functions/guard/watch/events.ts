import { z } from 'zod';

/**
 * The part of an EventBridge event that the watch reads. An event is only a hint to look, so a lost, late or repeated event does no harm.
 */
const ServiceEvent = z.looseObject({
  source: z.string(),
  'detail-type': z.string(),
  detail: z.looseObject({
    /** RDS. */
    EventID: z.string().optional(),
    /** CloudTrail. */
    eventName: z.string().optional(),
    /** Step Functions: milliseconds since 1970. */
    executionArn: z.string().optional(),
    status: z.string().optional(),
    startDate: z.number().optional(),
    stopDate: z.number().nullish(),
    userIdentity: z.looseObject({ arn: z.string().optional() }).optional(),
  }),
});

/** An execution of the shutdown that Step Functions says is over. */
export interface Ended {
  executionArn: string;
  /** ISO 8601. */
  startedAt: string;
  /** ISO 8601. */
  endedAt: string;
}

export interface Hint {
  /** For the log. */
  what: string;
  /** The schedule's own call, not an event. */
  hourly: boolean;
  /** RDS says that it starts the database by itself. */
  forced: boolean;
  ended?: Ended;
  /** The principal that started a resource, as CloudTrail says. */
  startedBy?: string;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html: of an instance, of a cluster. */
const FORCED_STARTS = ['RDS-EVENT-0154', 'RDS-EVENT-0153'];

/** Reads the hint in an event. The schedule's own input, or any other event, is only a reason to look. */
export function hintOf(event: unknown): Hint {
  const parsed = ServiceEvent.safeParse(event);
  if (!parsed.success) return { what: 'the hour', hourly: true, forced: false };
  const { detail } = parsed.data;
  const arn = detail.userIdentity?.arn;
  return {
    what: detail.EventID ?? detail.eventName ?? parsed.data['detail-type'],
    hourly: false,
    forced: detail.EventID !== undefined && FORCED_STARTS.includes(detail.EventID),
    ...(arn === undefined ? {} : { startedBy: arn }),
    ...endedOf(detail),
  };
}

const OVER = new Set(['ABORTED', 'TIMED_OUT', 'FAILED']);

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function endedOf({
  executionArn,
  status,
  startDate,
  stopDate,
}: z.infer<typeof ServiceEvent>['detail']): Pick<Hint, 'ended'> {
  if (executionArn === undefined || startDate === undefined || !OVER.has(status ?? '')) return {};
  const startedAt = new Date(startDate).toISOString();
  const endedAt = new Date(stopDate ?? startDate).toISOString();
  return { ended: { executionArn, startedAt, endedAt } };
}
