import { type BlueGreenDeployment, DescribeBlueGreenDeploymentsCommand } from '@aws-sdk/client-rds';
import { rds } from '../../runtime/clients.ts';

/**
 * The blue/green deployments of a database, on either side. A deployment that is being deleted does not count.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeBlueGreenDeployments.html
 */
export async function blueGreenDeploymentsOf(arn: string): Promise<string[]> {
  const answers = await Promise.all(
    ['source', 'target'].map((Name) =>
      rds().send(new DescribeBlueGreenDeploymentsCommand({ Filters: [{ Name, Values: [arn] }] })),
    ),
  );
  return answers
    .flatMap((answer) => answer.BlueGreenDeployments ?? [])
    .filter((deployment) => deployment.Status !== 'DELETING')
    .map(nameOf);
}

function nameOf({
  BlueGreenDeploymentName: name,
  BlueGreenDeploymentIdentifier: id,
  Status,
}: BlueGreenDeployment): string {
  return `${name ?? id} (${Status})`;
}
