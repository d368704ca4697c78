import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** An escaped star, made by `literally` in resource-names.ts. */
const LITERAL_STAR = `\${*}`;

/** A permission, and the reasons for its wildcards. */
export interface Permission {
  statement: PolicyStatement;
  /** The resources with a wildcard, each with the written reason. */
  wildcards: { resource: string; reason: string }[];
}

/** Allows actions on named resources. A trailing wildcard in one of them needs its reason. */
export function allow(
  actions: string[],
  resources: string[],
  reason?: string,
  conditions?: Record<string, Record<string, string | string[]>>,
): Permission {
  const wild = resources.filter((resource) => resource.replaceAll(LITERAL_STAR, '').includes('*'));
  if (wild.length > 0 && reason === undefined)
    throw new Error(`permission ${actions.join(', ')}: a wildcard needs a written reason`);
  return {
    statement: new PolicyStatement({
      actions,
      resources,
      ...(conditions === undefined ? {} : { conditions }),
    }),
    wildcards: reason === undefined ? [] : wild.map((resource) => ({ resource, reason })),
  };
}

/** Allows actions for which AWS knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
export const anyResource = (actions: string[], reason: string): Permission => allow(actions, ['*'], reason);

export const OWN_PREFIX = 'only below the prefix that this function reads or writes';

export const DESCRIBE_ONLY = 'these describe actions know no resource; they read names and states only';
