import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RESOURCE_PREFIX } from '../functions/contract/keys.ts';

/**
 * Queries for people who read the functions' logs, by their names in CloudWatch Logs Insights. Lambda's runtime and
 * `functions/runtime/log.ts` write the fields.
 */
export const SAVED_QUERIES: Record<string, string[]> = {
  'One run': [
    'fields @timestamp, level, message.step as step, message.action as action, message.what as what, message.error as error, message.reason as reason',
    '| filter message.run = "the run’s id, e.g. 20261127-1330-c02f2ce2"',
    '| sort @timestamp asc',
    '| limit 10000',
  ],
  'Errors and warnings': [
    'fields @timestamp, level, message.run as run, message.step as step, message.what as what, message.error as error, message.reason as reason',
    '| filter level in ["WARN", "ERROR"]',
    '| sort @timestamp desc',
    '| limit 1000',
  ],
  'Commands to servers': [
    'fields @timestamp, level, message.run as run, message.step as step, message.what as what, message.server as server, message.instance as instance, message.document as document, message.command as command, message.status as status, message.exitCode as exitCode',
    '| filter message.what in ["command sent", "command failed"]',
    '| sort @timestamp desc',
    '| limit 1000',
  ],
};

/** The queries of one system, over the log groups of its functions. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, props: { system: string; logGroups: ILogGroup[] }) {
    super(scope, id);
    for (const [name, lines] of Object.entries(SAVED_QUERIES))
      new CfnQueryDefinition(this, name.replaceAll(' ', ''), {
        name: `${RESOURCE_PREFIX}/${props.system}/${name}`,
        queryString: lines.join('\n'),
        logGroupNames: props.logGroups.map(({ logGroupName }) => logGroupName),
      });
  }
}
