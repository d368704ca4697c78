import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';

/**
 * The security group of test instances. Only the comparing functions get in, on the database's port, and nothing gets out. The copy of the
 * CRM's data is reachable from nowhere else.
 */
export class TestInstanceSecurity extends CfnSecurityGroup {
  constructor(scope: Construct, id: string, system: SystemConfig) {
    super(scope, id, {
      groupDescription: `Lights Out: test instances of ${system.name}, reachable from the comparing functions only`,
      vpcId: system.network.vpcId,
      securityGroupIngress: [
        {
          ipProtocol: 'tcp',
          fromPort: system.database.port,
          toPort: system.database.port,
          sourceSecurityGroupId: system.network.securityGroupId,
          description: 'From the functions that compare',
        },
      ],
      // An empty list would leave AWS's default, which lets all traffic out. This rule matches no traffic.
      securityGroupEgress: [
        {
          ipProtocol: 'icmp',
          fromPort: 252,
          toPort: 86,
          cidrIp: '255.255.255.255/32',
          description: 'Nothing out',
        },
      ],
    });
  }
}
