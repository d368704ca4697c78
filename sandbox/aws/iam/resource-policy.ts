import { evaluateConditions, wildcardMatches } from './policy-conditions.ts';

/** A policy that stands on a resource, resolved: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html */
export interface ResourcePolicy {
  Statement: {
    Effect: 'Allow' | 'Deny';
    Principal?: '*' | Record<string, string | string[]>;
    Action?: string | string[];
    Resource?: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  }[];
}

/** A service of AWS that acts for a resource of an account. */
export interface ServiceCall {
  /** `cloudwatch.amazonaws.com` */
  service: string;
  action: string;
  resource: string;
  /** What it acts for, and whose that is: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
  sourceArn: string;
  sourceAccount: string;
}

/**
 * Whether the policies on a resource let a service do something: it needs an Allow that names it, since it has no policy of its own, and no Deny.
 *
 * @returns why not, or undefined.
 */
export function whyNotAllowed(policies: readonly ResourcePolicy[], call: ServiceCall): string | undefined {
  const context = new Map([
    ['aws:sourcearn', [call.sourceArn]],
    ['aws:sourceaccount', [call.sourceAccount]],
    // AWS's services speak TLS to each other.
    ['aws:securetransport', ['true']],
  ]);
  const unknown: string[] = [];
  const meeting = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => {
      const isNamed =
        names(statement.Principal, call.service) &&
        listOf(statement.Action).some((action) =>
          wildcardMatches(action.toLowerCase(), call.action.toLowerCase()),
        ) &&
        listOf(statement.Resource).some((resource) => wildcardMatches(resource, call.resource));
      if (!isNamed) return false;
      const conditions = evaluateConditions(statement.Condition, context);
      unknown.push(...conditions.unknown);
      return conditions.matches;
    });
  const asked = `${call.service} do ${call.action}`;
  // Not understood is not allowed: a Deny may stand there.
  if (unknown.length > 0) return `${unknown.join(', ')} is not known to the sandbox`;
  if (meeting.some(({ Effect }) => Effect === 'Deny')) return `a Deny does not let ${asked}`;
  return meeting.length > 0 ? undefined : `no statement lets ${asked}`;
}

const listOf = (value: string | string[] | undefined): string[] => [value ?? []].flat();

function names(principal: ResourcePolicy['Statement'][number]['Principal'], service: string): boolean {
  if (principal === undefined || principal === '*') return principal === '*';
  return listOf(principal['Service']).includes(service) || listOf(principal['AWS']).includes('*');
}
