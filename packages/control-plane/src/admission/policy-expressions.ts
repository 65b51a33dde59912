import {
  type AuthorizationPort,
  authorizerType,
  authorizerValue,
  compile,
  dynType,
  type Environment,
  extend,
  formatErrors,
  jsonPatchLibrary,
  kubernetesCostLimits,
  kubernetesEnvironment,
  mutationStructs,
  Program,
  requestResourceValue,
  resourceCheckType,
} from "@capstan/cel";
import type { ServedKind } from "../registry/kind.js";
import type { AdmissionRequest, Authorizer } from "../registry/ports.js";

/** What expressions of policies and match conditions may refer to. */
const declarations: Environment = extend(kubernetesEnvironment, {
  variables: {
    object: dynType,
    oldObject: dynType,
    request: dynType,
    params: dynType,
    namespaceObject: dynType,
    variables: dynType,
    authorizer: authorizerType,
    "authorizer.requestResource": resourceCheckType,
  },
});

/** What expressions of mutating policies may build beside. */
const mutationDeclarations: Environment = extend(declarations, {
  structs: mutationStructs,
  libraries: [jsonPatchLibrary],
});

const MAX_PROGRAMS = 2_000;

/** Expressions ready to run, or why they are none. Each text is compiled once. */
class Programs {
  readonly #declarations: Environment;
  readonly #known = new Map<string, Program | string>();

  constructor(environment: Environment) {
    this.#declarations = environment;
  }

  of(text: string): Program | string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const compiled = compile(text, { declarations: this.#declarations });
    const program =
      compiled instanceof Program ? compiled : `compilation failed: ${formatErrors(text, compiled)}`;
    if (this.#known.size >= MAX_PROGRAMS) this.#known.clear();
    this.#known.set(text, program);
    return program;
  }
}

const programs = {
  validation: new Programs(declarations),
  mutation: new Programs(mutationDeclarations),
} as const;

/** Which types and functions expressions may use. */
export type ExpressionUse = keyof typeof programs;

/** The value of an expression as plain data or CEL value, or why there is none. */
export type Evaluated = { readonly value: unknown } | { readonly error: string };

/** Evaluates expressions about one request within one cost budget. */
export class PolicyEvaluation {
  readonly #bindings: Record<string, unknown>;
  readonly #variables: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  /** Why variables have no value, by name. */
  readonly #failures = new Map<string, string>();
  readonly #use: ExpressionUse;
  #budget: number;

  constructor(
    bindings: Record<string, unknown>,
    budget: number = kubernetesCostLimits.perObject,
    use: ExpressionUse = "validation",
  ) {
    this.#bindings = { ...bindings, variables: this.#variables };
    this.#budget = budget;
    this.#use = use;
  }

  /** Gives `variables.<name>` the value of an expression, which may use the variables before it. */
  define(name: string, expression: string): void {
    const result = this.evaluate(expression);
    if ("error" in result) this.#failures.set(name, result.error);
    else this.#variables[name] = result.value;
  }

  evaluate(expression: string): Evaluated {
    const program = programs[this.#use].of(expression);
    if (typeof program === "string") return { error: program };
    if (this.#budget <= 0) {
      return {
        error: "validation failed due to running out of cost budget, no further validation rules will be run",
      };
    }
    const costLimit = Math.min(kubernetesCostLimits.perCall, this.#budget);
    const result = program.evaluate(this.#bindings, { costLimit });
    this.#budget -= result.cost;
    if (result.ok) return { value: result.value };
    return { error: this.#explain(result.error.message, expression) };
  }

  /** What is left of the cost budget. */
  get budget(): number {
    return this.#budget;
  }

  /** A variable without a value is explained by why it has none. */
  #explain(message: string, expression: string): string {
    for (const [name, failure] of this.#failures) {
      if (message.includes(`no such key: ${name}`) && expression.includes(`variables.${name}`))
        return failure;
    }
    return message;
  }
}

/** The variable `request`: an AdmissionRequest without the objects. */
export function requestVariable(request: AdmissionRequest): Record<string, unknown> {
  const { kind, object, subresource, operation, namespace, name, user, dryRun, options } = request;
  const asked = request.requestKind ?? kind;
  return {
    kind: operation === "CONNECT" && object ? { ...gvkOf(kind), kind: object.kind } : gvkOf(kind),
    resource: gvrOf(kind),
    subResource: subresource ?? "",
    requestKind: gvkOf(asked),
    requestResource: gvrOf(asked),
    requestSubResource: subresource ?? "",
    name,
    namespace: namespace ?? "",
    operation,
    userInfo: { username: user.name, uid: user.uid ?? "", groups: user.groups, extra: user.extra ?? {} },
    dryRun,
    options,
  };
}

const gvkOf = ({ group, version, kind }: ServedKind) => ({ group, version, kind });
const gvrOf = ({ group, version, resource }: ServedKind) => ({ group, version, resource });

/** What an expression asks of `authorizer` is answered for the user of the request. */
export function authorizerBindings(
  request: AdmissionRequest,
  authorizer: Authorizer,
): Record<string, unknown> {
  const port: AuthorizationPort = (query) => {
    const { serviceAccount, fieldSelector: _f, labelSelector: _l, ...attributes } = query;
    const account = serviceAccount && {
      name: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`,
      groups: [
        "system:serviceaccounts",
        `system:serviceaccounts:${serviceAccount.namespace}`,
        "system:authenticated",
      ],
    };
    const { allowed, reason, evaluationError } = authorizer.authorize({
      user: account ?? request.user,
      ...attributes,
    });
    return { allowed, ...(reason ? { reason } : {}), ...(evaluationError ? { error: evaluationError } : {}) };
  };
  const { kind, subresource, namespace, name } = request;
  const resource = requestResourceValue(port, {
    group: kind.group,
    resource: kind.resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  });
  return { authorizer: authorizerValue(port), "authorizer.requestResource": resource };
}
