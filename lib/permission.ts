import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a function may do, and why where AWS knows no resource to narrow it to. */
export interface Permission {
  statement: PolicyStatement;
  /** The resources with a wildcard in them, each with the written reason. */
  wildcards: { resource: string; reason: string }[];
}

/** Allows actions on named resources. A trailing wildcard in one of them needs its reason. */
export function allow(
  actions: string[],
  resources: string[],
  reason?: string,
  conditions?: Record<string, Record<string, string>>,
): Permission {
  const wild = resources.filter((resource) => resource.includes('*'));
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
