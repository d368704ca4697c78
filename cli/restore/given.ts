import { defined } from '../../functions/contract/defined.ts';

/** What the operator names in place of the source's. Where the source is gone, all three are needed. */
export interface Given {
  instanceClass?: string;
  subnetGroup?: string;
  securityGroups: string[];
}

/** Options of the command that name it. */
export const GIVEN_OPTIONS = {
  'instance-class': { type: 'string' },
  'subnet-group': { type: 'string' },
  'security-group': { type: 'string', multiple: true },
} as const;

export function givenBy(values: {
  'instance-class'?: string;
  'subnet-group'?: string;
  'security-group'?: string[];
}): Given {
  const { 'instance-class': instanceClass, 'subnet-group': subnetGroup } = values;
  return { ...defined({ instanceClass, subnetGroup }), securityGroups: values['security-group'] ?? [] };
}

/** Options without which a database is not restored once the source is gone: RDS would put it into the default VPC and its open group. */
export function missingOf({ instanceClass, subnetGroup, securityGroups }: Given): string[] {
  return [
    ...(instanceClass === undefined ? ['--instance-class CLASS'] : []),
    ...(subnetGroup === undefined ? ['--subnet-group GROUP'] : []),
    ...(securityGroups.length === 0 ? ['--security-group ID'] : []),
  ];
}

/** Written in commands to type, where the option is not given. */
export const placeholders = ({ instanceClass, subnetGroup, securityGroups }: Given) => ({
  instanceClass: instanceClass ?? 'CLASS',
  subnetGroup: subnetGroup ?? 'GROUP',
  securityGroups: securityGroups.length === 0 ? 'ID' : securityGroups.join(' '),
});
