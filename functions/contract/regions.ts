/** AWS services that Lights Out uses and that some Regions do not have. */
export type RegionalService = 'ses' | 'apigateway';

interface Lacking {
  /** Prefixes of the Regions of a partition that lacks the service as a whole. */
  prefixes: string[];
  /** Single Regions without the service, in a partition that has it elsewhere. */
  regions: string[];
}

/**
 * The Regions that lack a service, from Amazon's own table of endpoints: the file botocore/data/endpoints.json of boto/botocore (read at
 * 0e6e2404, 2026-08-07). A service that the table does not list for a Region has no endpoint there. `email` is SES.
 *
 * Every other service that the stack or a function uses (EC2, RDS, SSM, S3, Step Functions, EventBridge and its Scheduler, Lambda, SNS,
 * SQS, Secrets Manager, KMS, CloudWatch, X-Ray, CloudTrail) is listed for every Region of `aws` and `aws-cn`. The table lists endpoints,
 * not features. docs/not-run-on-aws.md has the features.
 */
const LACKING: Record<RegionalService, Lacking> = {
  ses: {
    prefixes: ['cn-', 'us-iso-', 'us-isob-', 'us-isof-', 'eu-isoe-'],
    regions: [
      'ap-east-1',
      'ap-east-2',
      'ap-southeast-4',
      'ap-southeast-6',
      'ap-southeast-7',
      'eu-south-2',
      'mx-central-1',
    ],
  },
  apigateway: { prefixes: ['us-isof-'], regions: ['us-isob-west-1'] },
};

/** Whether a Region has the service. A Region that is not in the table counts as having it: the plan asks the service itself. */
export function isOffered(service: RegionalService, region: string): boolean {
  const { prefixes, regions } = LACKING[service];
  return !regions.includes(region) && !prefixes.some((prefix) => region.startsWith(prefix));
}
