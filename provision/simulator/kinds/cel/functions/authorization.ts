/** The variable `authorizer` (Kubernetes documentation, "Kubernetes authorizer library"). */
import { bool, method, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { Opaque, type CelValue } from '../value.ts';

/** What an expression asks whether it is allowed. */
export type Question =
  | { readonly type: 'path'; readonly path: string }
  | {
      readonly type: 'resource';
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    };

/** The user that the request comes from, or the service account that the expression names. */
export interface Asker {
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** Answers the questions of one request. */
export type Authorize = (
  question: Question & { readonly verb: string },
  asker: Asker,
) => { readonly isAllowed: boolean; readonly reason: string };

export const authorizerType = opaque('kubernetes.authorization.Authorizer');
export const resourceCheckType = opaque('kubernetes.authorization.ResourceCheck');
const pathCheckType = opaque('kubernetes.authorization.PathCheck');
const groupCheckType = opaque('kubernetes.authorization.GroupCheck');
const decisionType = opaque('kubernetes.authorization.Decision');

abstract class Once extends Opaque {
  isEqual(other: Opaque): boolean {
    return other === this;
  }
}

class Authorizer extends Once {
  readonly type = authorizerType;
  readonly authorize: Authorize;
  readonly asker: Asker;

  constructor(authorize: Authorize, asker: Asker = {}) {
    super();
    this.authorize = authorize;
    this.asker = asker;
  }
}

class PathCheck extends Once {
  readonly type = pathCheckType;
  readonly of: Authorizer;
  readonly path: string;

  constructor(of: Authorizer, path: string) {
    super();
    this.of = of;
    this.path = path;
  }
}

class GroupCheck extends Once {
  readonly type = groupCheckType;
  readonly of: Authorizer;
  readonly group: string;

  constructor(of: Authorizer, group: string) {
    super();
    this.of = of;
    this.group = group;
  }
}

type ResourceQuestion = Extract<Question, { readonly type: 'resource' }>;

class ResourceCheck extends Once {
  readonly type = resourceCheckType;
  readonly of: Authorizer;
  readonly question: ResourceQuestion;

  constructor(of: Authorizer, question: ResourceQuestion) {
    super();
    this.of = of;
    this.question = question;
  }

  with(change: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.of, { ...this.question, ...change });
  }
}

class Decision extends Once {
  readonly type = decisionType;
  readonly isAllowed: boolean;
  readonly reason: string;

  constructor(isAllowed: boolean, reason: string) {
    super();
    this.isAllowed = isAllowed;
    this.reason = reason;
  }
}

/** The value of the variable `authorizer`. */
export function authorizerValue(authorize: Authorize): CelValue {
  return new Authorizer(authorize);
}

/** The value of `authorizer.requestResource`: the object of the request, ready to be checked for a verb. */
export function resourceCheckValue(
  authorize: Authorize,
  question: Omit<ResourceQuestion, 'type'>,
): CelValue {
  return new ResourceCheck(new Authorizer(authorize), { type: 'resource', ...question });
}

const authorizer = param(authorizerType, (value) => value instanceof Authorizer);
const pathCheck = param(pathCheckType, (value) => value instanceof PathCheck);
const groupCheck = param(groupCheckType, (value) => value instanceof GroupCheck);
const resourceCheck = param(resourceCheckType, (value) => value instanceof ResourceCheck);
const decision = param(decisionType, (value) => value instanceof Decision);

export const authorization: readonly Overload[] = [
  method('path', [authorizer, string], pathCheck, (of, path) => new PathCheck(of, path)),
  method('group', [authorizer, string], groupCheck, (of, group) => new GroupCheck(of, group)),
  method(
    'serviceAccount',
    [authorizer, string, string],
    authorizer,
    ({ authorize }, namespace, name) =>
      new Authorizer(authorize, { serviceAccount: { namespace, name } }),
  ),
  method('resource', [groupCheck, string], resourceCheck, ({ of, group }, resource) => {
    const nothing = { subresource: '', namespace: '', name: '' };
    return new ResourceCheck(of, { type: 'resource', group, resource, ...nothing });
  }),
  method('subresource', [resourceCheck, string], resourceCheck, (one, subresource) =>
    one.with({ subresource }),
  ),
  method('namespace', [resourceCheck, string], resourceCheck, (one, namespace) =>
    one.with({ namespace }),
  ),
  method('name', [resourceCheck, string], resourceCheck, (one, name) => one.with({ name })),
  method('check', [pathCheck, string], decision, ({ of, path }, verb) =>
    decide(of, { type: 'path', path, verb }),
  ),
  method('check', [resourceCheck, string], decision, ({ of, question }, verb) =>
    decide(of, { ...question, verb }),
  ),
  method('allowed', [decision], bool, ({ isAllowed }) => isAllowed),
  method('reason', [decision], string, ({ reason }) => reason),
  method('errored', [decision], bool, () => false),
  method('error', [decision], string, () => ''),
];

function decide(
  { authorize, asker }: Authorizer,
  question: Question & { readonly verb: string },
): Decision {
  const { isAllowed, reason } = authorize(question, asker);
  return new Decision(isAllowed, reason);
}
