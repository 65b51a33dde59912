import {
  authorizerType,
  boolType,
  type CelType,
  compile,
  dynType,
  type Environment,
  extend,
  formatErrors,
  formatType,
  jsonPatchLibrary,
  jsonPatchListType,
  kubernetesEnvironment,
  mutationStructs,
  nullType,
  resourceCheckType,
  schemaType,
  stringType,
} from "@capstan/cel";
import { isQualifiedName, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt } from "../members.js";
import type { Problems } from "./problems.js";

const MAX_CONDITIONS = 64;
/** What an apply configuration evaluates to. */
const appliedObjectType = mutationStructs.find("Object") ?? dynType;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

/** Which of the optional variables an expression sees. */
interface Visible {
  readonly authorizer: boolean;
  /** Of a policy that takes parameters. */
  readonly params?: boolean;
  /** Names below `variables`; left out: match conditions, which have none. */
  readonly variables?: readonly string[];
  /** Whether it may build the objects of a mutating policy. */
  readonly mutates?: boolean;
}

/** What an expression may refer to when it is written: names that are not there do not compile. */
function visibleDeclarations({ authorizer, params, variables, mutates }: Visible): Environment {
  const properties = Object.fromEntries((variables ?? []).map((name) => [name, { intOrString: true }]));
  const type = schemaType({ type: "object", properties }, { name: "variables" }) ?? dynType;
  return extend(kubernetesEnvironment, {
    ...(mutates === true ? { structs: mutationStructs, libraries: [jsonPatchLibrary] } : {}),
    variables: {
      object: dynType,
      oldObject: dynType,
      request: dynType,
      ...(authorizer ? { authorizer: authorizerType, "authorizer.requestResource": resourceCheckType } : {}),
      ...(params === true ? { params: dynType } : {}),
      ...(variables === undefined ? {} : { namespaceObject: dynType, variables: type }),
    },
  });
}

/** An expression must compile, to one of these types. */
function validateExpression(
  problems: Problems,
  field: string,
  expression: string,
  visible: Visible,
  types: readonly CelType[],
): void {
  const program = compile(expression, { declarations: visibleDeclarations(visible) });
  if (Array.isArray(program)) {
    problems.invalid(field, expression, `compilation failed: ${formatErrors(expression, program)}`);
    return;
  }
  const { type } = program;
  if (
    types.length === 0 ||
    type.kind === "dyn" ||
    types.some((each) => formatType(each) === formatType(type))
  )
    return;
  const names = types.map((each) => (each.kind === nullType.kind ? "null_type" : formatType(each)));
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(" ")}]`;
  problems.invalid(field, expression, `must evaluate to ${wanted} but got ${formatType(type)}`);
}

/** The match conditions of a webhook or a policy; a policy's may also see its parameters. */
export function validateMatchConditions(
  problems: Problems,
  field: string,
  conditions: readonly Members[],
  visible: Visible = { authorizer: true },
): void {
  if (conditions.length > MAX_CONDITIONS) problems.tooMany(field, conditions.length, MAX_CONDITIONS);
  const names = new Set<string>();
  conditions.slice(0, MAX_CONDITIONS).forEach((condition, index) => {
    const at = `${field}[${index}]`;
    const expression = textAt(condition, "expression").trim();
    const name = textAt(condition, "name");
    if (expression === "") problems.required(`${at}.expression`);
    else validateExpression(problems, `${at}.expression`, expression, visible, [boolType]);
    if (name === "") problems.required(`${at}.name`);
    else problems.names(`${at}.name`, name, isQualifiedName);
    if (names.has(name)) problems.duplicate(`${at}.name`, name);
    names.add(name);
  });
}

/** What the expressions of a policy see; checks its match conditions and variables on the way. */
function validateCommonExpressions(problems: Problems, spec: Members, mutates: boolean): Visible {
  const params = membersAt(spec, "paramKind") !== undefined;
  const variables: string[] = [];
  const visible: Visible = { authorizer: true, params, variables, mutates };
  const conditions = listAt(spec, "matchConditions");
  validateMatchConditions(problems, "spec.matchConditions", conditions, { authorizer: true, params });
  listAt(spec, "variables").forEach((variable, index) => {
    const at = `spec.variables[${index}]`;
    const name = textAt(variable, "name");
    const expression = textAt(variable, "expression").trim();
    if (name === "") problems.required(`${at}.name`, "name is not specified");
    else if (!IDENTIFIER.test(name))
      problems.invalid(`${at}.name`, name, "name is not a valid CEL identifier");
    if (expression === "") problems.required(`${at}.expression`, "expression is not specified");
    else validateExpression(problems, `${at}.expression`, expression, visible, []);
    if (IDENTIFIER.test(name)) variables.push(name);
  });
  return visible;
}

/** Every expression of a MutatingAdmissionPolicy. */
export function validateMutationExpressions(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  const visible = validateCommonExpressions(problems, spec, true);
  listAt(spec, "mutations").forEach((mutation, index) => {
    for (const [source, type] of [
      ["applyConfiguration", appliedObjectType],
      ["jsonPatch", jsonPatchListType],
    ] as const) {
      const expression = textAt(membersAt(mutation, source), "expression").trim();
      const at = `spec.mutations[${index}].${source}.expression`;
      if (expression !== "") validateExpression(problems, at, expression, visible, [type]);
    }
  });
}

/** Every expression of a ValidatingAdmissionPolicy. A variable sees those before it. */
export function validatePolicyExpressions(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  const visible = validateCommonExpressions(problems, spec, false);
  const silent: Visible = { ...visible, authorizer: false };
  listAt(spec, "validations").forEach((validation, index) => {
    const at = `spec.validations[${index}]`;
    const expression = textAt(validation, "expression").trim();
    const message = textAt(validation, "messageExpression").trim();
    if (expression !== "") validateExpression(problems, `${at}.expression`, expression, visible, [boolType]);
    if (message !== "")
      validateExpression(problems, `${at}.messageExpression`, message, silent, [stringType]);
  });
  listAt(spec, "auditAnnotations").forEach((annotation, index) => {
    const at = `spec.auditAnnotations[${index}]`;
    const expression = textAt(annotation, "valueExpression").trim();
    const key = textAt(annotation, "key");
    if (key === "") problems.required(`${at}.key`);
    else problems.names(`${at}.key`, `${object.metadata.name}/${key}`, isQualifiedName);
    if (expression === "") problems.required(`${at}.valueExpression`, "valueExpression is not specified");
    else validateExpression(problems, `${at}.valueExpression`, expression, visible, [stringType, nullType]);
  });
}
