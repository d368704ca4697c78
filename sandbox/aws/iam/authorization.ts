import type { DeployedFunction, PolicyStatement } from '../../deployment.ts';
import { AwsError, type Caller, type ServiceName } from '../operation.ts';
import { accessDenied } from '../protocol/refusal.ts';
import { type ConditionContext, evaluateConditions, wildcardMatches } from './policy-conditions.ts';

/** What a call wants to do, for the check of the caller's policies. */
export interface AuthorizationRequest {
  service: ServiceName;
  /** IAM actions (`rds:StopDBInstance`). The first must be allowed on every resource, a further one on one of them. */
  actions: readonly string[];
  /** ARNs, or `*` where AWS knows no resource. */
  resources: readonly string[];
  context: ConditionContext;
  /** The context of one of the resources, where the resources' tags differ. */
  contextOf?: (resource: string) => ConditionContext;
}

/** Answer of a policy check. */
interface Decision {
  allowed: boolean;
  /** True when a Deny statement decided. */
  explicit: boolean;
}

interface Principal {
  caller: Caller;
  /** Undefined for an operator, who may do everything. */
  statements: PolicyStatement[] | undefined;
}

/**
 * Who may call the endpoint: the functions of the template by their access keys, each with the policies of its own
 * role, and operators (the person at the keyboard), who may do everything.
 */
export class CallerDirectory {
  /** What policies say that the sandbox does not understand: reported, since such a statement never matches. */
  readonly problems = new Set<string>();
  readonly #principals = new Map<string, Principal>();

  constructor(functions: readonly DeployedFunction[] = []) {
    for (const { step, accessKeyId, role } of functions) {
      this.#add(accessKeyId, { function: step, principal: role.arn }, role.statements);
    }
  }

  /** Lets a person call everything, under the name `operator` in the log. */
  addOperator(accessKeyId: string, principalArn: string): void {
    this.#add(accessKeyId, { function: 'operator', principal: principalArn }, undefined);
  }

  /** The caller that signs with this access key. */
  find(accessKeyId: string): Caller | undefined {
    return this.#principals.get(accessKeyId)?.caller;
  }

  /**
   * Holds a call against the caller's policies: an explicit deny first, then an allow, else refused.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
   *
   * @throws AwsError in the service's own words when the call is not allowed.
   */
  authorize(accessKeyId: string, request: AuthorizationRequest): void {
    const principal = this.#principals.get(accessKeyId);
    if (principal === undefined) throw new AwsError('AccessDenied', 'nobody has this access key', 403);
    const { statements } = principal;
    if (statements === undefined) return;
    for (const [index, action] of request.actions.entries()) {
      const decisions = request.resources.map((resource) => ({
        resource,
        ...this.#decide(
          statements,
          action,
          resource,
          request.contextOf?.(resource) ?? request.context,
          principal.caller,
        ),
      }));
      // A dependent action (AddTagsToResource of a CreateDBSnapshot with tags) concerns one of the call's resources.
      const refused = decisions.filter(({ allowed }) => !allowed);
      const denied =
        index === 0 || refused.length === decisions.length
          ? refused[0]
          : refused.find(({ explicit }) => explicit);
      if (denied !== undefined) {
        throw accessDenied(
          request.service,
          sessionArn(principal.caller),
          action,
          denied.resource,
          denied.explicit,
        );
      }
    }
  }

  /** True when the caller's policies allow `action` on `resource`. @param context of the request. Default: nothing is known of it. */
  allows(caller: Caller, action: string, resource: string, context: ConditionContext = new Map()): boolean {
    for (const { caller: known, statements } of this.#principals.values()) {
      if (known.principal !== caller.principal) continue;
      return statements === undefined || this.#decide(statements, action, resource, context, caller).allowed;
    }
    return false;
  }

  #add(accessKeyId: string, caller: Caller, statements: PolicyStatement[] | undefined): void {
    if (this.#principals.has(accessKeyId)) throw new Error(`two callers have the access key ${accessKeyId}`);
    this.#principals.set(accessKeyId, { caller, statements });
  }

  #decide(
    statements: readonly PolicyStatement[],
    action: string,
    resource: string,
    context: ConditionContext,
    caller: Caller,
  ): Decision {
    let allowed = false;
    for (const statement of statements) {
      if (!statement.Action.some((pattern) => actionMatches(pattern, action))) continue;
      for (const pattern of statement.Resource.filter((one) => one.includes('${'))) {
        this.problems.add(
          `policy of ${caller.function}: the resource ${pattern} holds a policy variable, which the sandbox does not know`,
        );
      }
      if (!statement.Resource.some((pattern) => wildcardMatches(pattern, resource))) continue;
      const conditions = evaluateConditions(statement.Condition, context);
      for (const unknown of conditions.unknown) {
        this.problems.add(
          `policy of ${caller.function}: ${unknown} is not known to the sandbox, so the statement for ${action} never matches`,
        );
      }
      if (!conditions.matches) continue;
      if (statement.Effect === 'Deny') return { allowed: false, explicit: true };
      allowed = true;
    }
    return { allowed, explicit: false };
  }
}

function actionMatches(pattern: string, action: string): boolean {
  return wildcardMatches(pattern.toLowerCase(), action.toLowerCase());
}

/** AWS names a function by its role's session: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export function sessionArn({ principal, function: step }: Caller): string {
  const [, partition, , , account, resource = ''] = principal.split(':');
  const name = resource.split('/').pop() ?? resource;
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${step}`;
}
