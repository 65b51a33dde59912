import { memoryControlPlane } from "@capstan/control-plane";
import { type Client, createClient } from "@capstan/controller";
import { ApiError, type Clock, gvkOf, type KubeObject, type Random } from "@capstan/kube";
import { installDefinitions } from "../home/reconcilers.js";
import { lineOfField, refusedField } from "./failure-place.js";
import { failureText } from "./failure-text.js";
import type { Finding, ObjectResult } from "./result.js";
import { definedKind, isFields, isPolicy, type Scan } from "./scan.js";
import type { Delivered, Unit } from "./unit.js";

const MANAGER = "kustomize-controller";
const DEFINITION = "CustomResourceDefinition";

export interface CheckOptions {
  /** Definitions that every cluster has: those of Flux. */
  readonly definitions: readonly KubeObject[];
  readonly scan: Scan;
  /** Where objects go that name no namespace; undefined: that is a failure. */
  readonly defaultNamespace: string | undefined;
  /** Policies that hold although the entry does not deliver them. */
  readonly policies: readonly KubeObject[];
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The text of a file of the repository; undefined for one that is not in it. */
  readonly textOf: (file: string) => string | undefined;
  /** Told before each object. */
  readonly onObject: (name: string) => void;
}

/** An object on its way through the check. */
interface Checked {
  readonly unit: Unit;
  readonly delivered: Delivered;
  object: KubeObject;
  readonly findings: Finding[];
  unchecked: boolean;
}

/**
 * Applies what units deliver to a control plane in memory: schemas, admission and the policies among the
 * objects judge each as a cluster would. Returns the results by unit, in the order of delivery.
 */
export async function checkObjects(
  units: readonly Unit[],
  options: CheckOptions,
): Promise<ReadonlyMap<Unit, readonly ObjectResult[]>> {
  const plane = await memoryControlPlane({ clock: options.clock, random: options.random });
  const warnings: string[] = [];
  const client = createClient(plane.transport(), { onWarning: (text) => void warnings.push(text) });
  try {
    const check = new Check(client, warnings, options);
    return await check.run(units);
  } finally {
    await client.close();
    await plane.close();
  }
}

class Check {
  readonly #client: Client;
  readonly #warnings: string[];
  readonly #options: CheckOptions;
  readonly #namespaces = new Set<string>();
  readonly #installed = new Set<string>();
  readonly #common = new Set<string>();
  readonly #applied = new Map<string, Unit>();

  constructor(client: Client, warnings: string[], options: CheckOptions) {
    this.#client = client;
    this.#warnings = warnings;
    this.#options = options;
  }

  async run(units: readonly Unit[]): Promise<ReadonlyMap<Unit, readonly ObjectResult[]>> {
    const all = units.flatMap((unit) =>
      unit.delivered.map(
        (delivered): Checked => ({
          unit,
          delivered,
          object: delivered.object,
          findings: [],
          unchecked: false,
        }),
      ),
    );
    await this.#installDefinitions(all);
    for (const each of all) await this.#place(each);
    await this.#makeNamespaces(all);
    const policies = all.filter(({ object }) => isPolicy(object));
    const parameters = await this.#preparePolicies(policies, all);
    for (const each of all) {
      this.#options.signal.throwIfAborted();
      if (policies.includes(each)) continue;
      this.#options.onObject(subjectOf(each.object));
      await this.#apply(each, isSetUp(each.object) || parameters.has(each));
    }
    return resultsOf(units, all);
  }

  /** Definitions first: what the entry delivers wins over what every cluster has. */
  async #installDefinitions(all: readonly Checked[]): Promise<void> {
    const own = all.filter(({ object }) => object.kind === DEFINITION);
    const names = new Set(own.map(({ object }) => object.metadata.name));
    const common = this.#options.definitions.filter(({ metadata }) => !names.has(metadata.name));
    await installDefinitions(this.#client, common, this.#options.signal);
    for (const definition of common) this.#common.add(definedKind(definition));
    for (const each of own) await this.#installDefinition(withoutWebhook(each.object), each);
  }

  async #installDefinition(definition: KubeObject, checked?: Checked): Promise<void> {
    this.#installed.add(definedKind(definition));
    try {
      await installDefinitions(this.#client, [definition], this.#options.signal);
    } catch (error) {
      if (!ApiError.is(error)) throw error;
      checked?.findings.push(failure(error.message, checked));
    }
  }

  /** Finds out whether an object's kind is known, and where it goes. */
  async #place(each: Checked): Promise<void> {
    const { signal, scan, defaultNamespace } = this.#options;
    const { group, kind } = gvkOf(each.object);
    let served = await this.#client.resourceFor(each.object, { signal });
    if (served === undefined && !this.#installed.has(`${group}/${kind}`)) {
      const definition = scan.definitionOf(group, kind);
      if (definition !== undefined) {
        await this.#installDefinition(withoutWebhook(definition));
        served = await this.#client.resourceFor(each.object, { signal });
      }
    }
    if (served === undefined) {
      each.unchecked = true;
      const message = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(each.object.apiVersion)}`;
      const known = this.#installed.has(`${group}/${kind}`) || isBuiltInGroup(group);
      if (known) each.findings.push(failure(message, each));
      else if (this.#common.has(`${group}/${kind}`)) {
        // A cluster may run other versions of Flux than the one that is assumed here.
        each.findings.push({ ...failure(message, each), severity: "warning" });
      }
      return;
    }
    const { namespace } = each.object.metadata;
    if (!served.namespaced && namespace !== undefined) {
      const { namespace: _dropped, ...metadata } = each.object.metadata;
      each.object = { ...each.object, metadata };
    }
    if (served.namespaced && (namespace === undefined || namespace === "")) {
      const into = each.delivered.defaultNamespace ?? defaultNamespace;
      if (into === undefined) {
        each.findings.push(failure("it names no namespace", each));
        return;
      }
      each.object = { ...each.object, metadata: { ...each.object.metadata, namespace: into } };
    }
    if (served.namespaced) this.#namespaces.add(each.object.metadata.namespace ?? "");
  }

  /** Makes the namespaces that objects are in; those that nothing delivers are told of. */
  async #makeNamespaces(all: readonly Checked[]): Promise<void> {
    const delivered = new Set(
      all
        .filter(({ object }) => object.kind === "Namespace" && object.apiVersion === "v1")
        .map(({ object }) => object.metadata.name),
    );
    const existing = new Set(["default", "kube-system", "kube-public", "kube-node-lease", "flux-system"]);
    for (const name of this.#namespaces) {
      if (!delivered.has(name) && !existing.has(name)) this.#tellOfNamespace(name, all);
      const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
      try {
        await this.#client.create(object, { signal: this.#options.signal });
      } catch (error) {
        if (!ApiError.is(error)) throw error;
        // One that exists is as good; a name that is none is told of with the objects in it.
      }
    }
  }

  #tellOfNamespace(name: string, all: readonly Checked[]): void {
    const first = all.find(({ object }) => object.metadata.namespace === name);
    first?.unit.find("warning", `namespace ${name} is made by nothing in the repository`);
  }

  /** Brings policies into force: what they are configured by goes first, and is judged again later. */
  async #preparePolicies(
    policies: readonly Checked[],
    all: readonly Checked[],
  ): Promise<ReadonlySet<Checked>> {
    const parameters = new Set<Checked>();
    const kinds = new Set(
      [...policies.map(({ object }) => object), ...this.#options.policies].flatMap(parameterKind),
    );
    if (kinds.size > 0) {
      for (const each of all) {
        if (!kinds.has(`${each.object.apiVersion}/${each.object.kind}`)) continue;
        parameters.add(each);
        await this.#write(each.object);
      }
    }
    for (const object of this.#options.policies) await this.#write(object);
    for (const each of policies) await this.#apply(each, false);
    return parameters;
  }

  /** Applies an object, or only asks whether it would be taken where it was made before. */
  async #apply(each: Checked, made: boolean): Promise<void> {
    if (each.findings.length > 0 || each.unchecked) return;
    if (each.object.kind === DEFINITION) return;
    const subject = `${gvkOf(each.object).group}/${subjectOf(each.object)}`;
    const before = this.#applied.get(subject);
    if (before !== undefined) {
      const message = `${before === each.unit ? "it" : before.name} delivers this object as well`;
      each.findings.push({ ...failure(message, each), severity: "warning" });
    }
    this.#applied.set(subject, each.unit);
    const problem = await this.#write(each.object, made || before !== undefined);
    if (problem !== undefined) each.findings.push(this.#refusal(problem, each));
    for (const text of this.#warnings.splice(0)) {
      each.findings.push({ ...failure(text, each), severity: "warning" });
    }
  }

  /** The failure of an object that the API refused, at the line of the field that it named. */
  #refusal(problem: ApiError, each: Checked): Finding {
    const found = failure(failureText(problem, each.object), each);
    const field = refusedField(problem);
    const text = found.file === undefined ? undefined : this.#options.textOf(found.file);
    if (field === undefined || text === undefined || found.line === undefined) return found;
    return { ...found, line: lineOfField(text, found.line, field) };
  }

  /** Undefined where the API takes the object; `dryRun` leaves what there is. */
  async #write(object: KubeObject, dryRun = false): Promise<ApiError | undefined> {
    const { signal } = this.#options;
    try {
      // A new object is what policies judge most strictly, so one that exists is asked for as new.
      if (dryRun || isRemote(object)) {
        await this.#client.create(object, {
          fieldManager: MANAGER,
          dryRun: true,
          fieldValidation: "Strict",
          signal,
        });
      } else {
        await this.#client.apply(object, { fieldManager: MANAGER, force: true, signal });
      }
      return undefined;
    } catch (error) {
      if (!ApiError.is(error)) throw error;
      return ApiError.is(error, "AlreadyExists") ? undefined : error;
    }
  }
}

function resultsOf(
  units: readonly Unit[],
  all: readonly Checked[],
): ReadonlyMap<Unit, readonly ObjectResult[]> {
  const results = new Map<Unit, ObjectResult[]>(units.map((unit) => [unit, []]));
  for (const { unit, delivered, object, findings, unchecked } of all) {
    const failed = findings.some(({ severity }) => severity === "failure");
    results.get(unit)?.push({
      object: subjectOf(object),
      apiVersion: object.apiVersion,
      ...(delivered.file === undefined ? {} : { file: delivered.file }),
      ...(delivered.line === undefined ? {} : { line: delivered.line }),
      outcome: failed ? "failed" : unchecked ? "unchecked" : "passed",
      findings,
    });
  }
  return results;
}

function failure(message: string, { delivered, unit }: Checked): Finding {
  const file = delivered.file ?? unit.file;
  const line = delivered.file === undefined ? unit.line : delivered.line;
  return {
    severity: "failure",
    message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}

function subjectOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined || namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** Namespaces are made before anything is in them. */
function isSetUp({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === "v1" && kind === "Namespace";
}

/** What would make the API ask somebody who is not there. */
function isRemote({ kind }: KubeObject): boolean {
  return (
    kind === "ValidatingWebhookConfiguration" ||
    kind === "MutatingWebhookConfiguration" ||
    kind === "APIService"
  );
}

/** Groups of Kubernetes itself: a version of theirs that is not served does not exist. */
function isBuiltInGroup(group: string): boolean {
  return ["", "apps", "batch", "autoscaling", "policy"].includes(group);
}

/** `apiVersion/Kind` of the objects that a policy is configured by. */
function parameterKind({ spec }: KubeObject): readonly string[] {
  const kind = isFields(spec) ? spec["paramKind"] : undefined;
  return isFields(kind) ? [`${String(kind["apiVersion"])}/${String(kind["kind"])}`] : [];
}

/** A definition whose versions are converted by nobody: there is no service to ask. */
function withoutWebhook(definition: KubeObject): KubeObject {
  const { spec } = definition;
  if (!isFields(spec) || !isFields(spec["conversion"])) return definition;
  return { ...definition, spec: { ...spec, conversion: { strategy: "None" } } };
}
