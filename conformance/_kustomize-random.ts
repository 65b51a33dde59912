/** A random source that a seed makes repeatable (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, below). */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  chance(percent: number): boolean {
    return this.int(1000) < percent * 10;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T;
  }

  some<T>(items: readonly T[], percent: number): T[] {
    return items.filter(() => this.chance(percent));
  }

  /** Objects made so far, so that what is composed later mostly names some of them. */
  readonly known: { readonly kind: string; readonly name: string }[] = [];

  /** The name of an object of a kind; now and then of none. */
  nameOf(kinds: readonly string[]): string {
    const fitting = this.known.filter((object) => kinds.length === 0 || kinds.includes(object.kind));
    return fitting.length === 0 || this.chance(4) ? this.pick(NAMES) : this.pick(fitting).name;
  }

  has(kind: string): boolean {
    return this.known.some((object) => object.kind === kind);
  }

  times<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.int(most + 1) }, (_, index) => make(index));
  }
}

export type Files = Record<string, string>;

const NAMES = ["a", "web", "db", "cfg", "my-app"];
const NAMESPACES = ["", "", "ns1", "ns2", "default"];
/** Scalars that readers of YAML disagree about. */
const SCALARS = [
  "x",
  '"x"',
  "'x y'",
  "5",
  '"5"',
  "1.50",
  "1e3",
  "0x1F",
  "017",
  "0o17",
  "1_000",
  "yes",
  "'no'",
  "on",
  "true",
  '"true"',
  "null",
  "~",
  "",
  "2001-01-01",
  "1:30",
  "12345678901234567890",
  "9007199254740993",
  ".5",
  "-0.0",
  "1e21",
  "'a: b'",
  '"tab\\there"',
  "|\n{pad}line one\n{pad}line two",
  ">-\n{pad}folded\n{pad}text",
  "é ü",
  '"\\u263A"',
  "!!str 7",
  "'it''s'",
  "a #b",
  '"x\\\\y"',
  "08",
  "+1",
  "0b11",
  "=",
  "<<x",
  "long word ".repeat(14).trim(),
  `'${"quoted words, ".repeat(9).trim()}'`,
];

const IMAGES = [
  "nginx",
  "nginx:1.2",
  "registry:5000/nginx:1",
  "docker.io/nginx@sha256:abc",
  "app",
  "gcr.io/x/app:v1",
];

function indent(text: string, by: number): string {
  const pad = " ".repeat(by);
  return text
    .split("\n")
    .map((line) => (line === "" ? line : pad + line))
    .join("\n");
}

/** Texts that are no values. */
const BROKEN = ["- a", "@x", "a: b", "[", "*x", "%y"];

function scalar(dice: Dice, pad: number): string {
  if (dice.chance(0.2)) return dice.pick(BROKEN);
  return dice.pick(SCALARS).replaceAll("{pad}", " ".repeat(pad));
}

function plainText(dice: Dice): string {
  return dice.pick(["x", "v1", '"5"', "'true'", "'y'", "a-b", '""', "'1.0'", "some text", "'0x1'"]);
}

function metadata(dice: Dice, name: string, namespace: string): string {
  let text = `metadata:\n  name: ${name}\n`;
  if (namespace !== "") text += `  namespace: ${namespace}\n`;
  if (dice.chance(40))
    text += `  labels:\n    app: ${name}\n${dice.chance(30) ? `    k: ${plainText(dice)}\n` : ""}`;
  if (dice.chance(25)) text += `  annotations:\n    note: ${scalar(dice, 6)}\n`;
  if (dice.chance(3)) text += "  annotations: {config.kubernetes.io/local-config: 'true'}\n";
  return text;
}

function container(dice: Dice, name: string): string {
  let text = `- name: ${name}\n`;
  if (dice.chance(85)) text += `  image: ${dice.pick(IMAGES)}\n`;
  if (dice.chance(40)) {
    text += `  env:\n${dice.times(3, (i) => `  - name: E${i}\n    value: ${plainText(dice)}\n`).join("") || "  - {name: Z, value: z}\n"}`;
  }
  if (dice.chance(30)) {
    text += `  envFrom:\n  - configMapRef:\n      name: ${dice.pick(NAMES)}\n`;
    if (dice.chance(40)) text += `  - secretRef: {name: ${dice.pick(NAMES)}}\n`;
  }
  if (dice.chance(40)) {
    const ports = dice.times(
      3,
      (i) =>
        `  - containerPort: ${80 + dice.int(3)}\n${dice.chance(50) ? `    protocol: ${dice.pick(["TCP", "UDP"])}\n` : ""}${dice.chance(40) ? `    name: p${i}\n` : ""}`,
    );
    if (ports.length > 0) text += `  ports:\n${ports.join("")}`;
  }
  if (dice.chance(25)) text += `  volumeMounts:\n  - mountPath: /${dice.pick(["x", "y"])}\n    name: v\n`;
  if (dice.chance(15)) text += "  command: [sh, -c, 'echo $(VAR)']\n";
  return text;
}

function podSpec(dice: Dice): string {
  let text = `containers:\n${container(dice, "main")}${dice.chance(40) ? container(dice, "side") : ""}`;
  if (dice.chance(20)) text += `initContainers:\n${container(dice, "init")}`;
  if (dice.chance(40)) {
    text += `volumes:\n- name: v\n  ${dice.pick(["configMap: {name: cfg}", "secret: {secretName: db}", "emptyDir: {}", "projected: {sources: [{configMap: {name: a}}]}", "persistentVolumeClaim: {claimName: web}"])}\n`;
  }
  if (dice.chance(20)) text += `serviceAccountName: ${dice.pick(NAMES)}\n`;
  if (dice.chance(10)) text += "imagePullSecrets:\n- name: db\n";
  if (dice.chance(10)) text += "tolerations:\n- key: a\n  operator: Exists\n";
  if (dice.chance(8)) text += "hostAliases: [{ip: 1.2.3.4, hostnames: [h]}]\n";
  return text;
}

function workload(dice: Dice, kind: string, apiVersion: string, name: string, ns: string): string {
  const template = `template:\n  metadata:\n    labels:\n      app: ${name}\n  spec:\n${indent(podSpec(dice), 4)}`;
  let spec = "";
  if (dice.chance(60)) spec += `replicas: ${dice.pick(["1", '"2"', "3"])}\n`;
  if (dice.chance(70)) spec += `selector:\n  matchLabels:\n    app: ${name}\n`;
  if (kind === "StatefulSet" && dice.chance(60)) spec += `serviceName: ${dice.pick(NAMES)}\n`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\n${metadata(dice, name, ns)}spec:\n${indent(spec + template, 2)}`;
}

function configMap(dice: Dice, name: string, ns: string): string {
  const data = dice.times(4, (i) => `  k${i}: ${scalar(dice, 4)}\n`).join("");
  return `apiVersion: v1\nkind: ConfigMap\n${metadata(dice, name, ns)}${data === "" ? "" : `data:\n${data}`}`;
}

function custom(dice: Dice, name: string, ns: string): string {
  const fields = dice.times(5, (i) => `  f${i}: ${scalar(dice, 4)}\n`).join("");
  const list = dice.chance(50)
    ? "  containers:\n  - name: main\n    image: nginx:1\n  - name: x\n    image: app\n"
    : "";
  return `apiVersion: example.com/v1\nkind: Thing\n${metadata(dice, name, ns)}spec:\n${fields}${list}  ref:\n    name: ${dice.pick(NAMES)}\n`;
}

/** A value in any of the ways that YAML has to write it; `pad` is the indentation of its parent. */
function freeForm(dice: Dice, depth: number, pad: number): string {
  const roll = dice.int(10);
  const inner = " ".repeat(pad + 2);
  if (depth <= 0 || roll < 4) return ` ${scalar(dice, pad + 2)}`;
  if (roll < 6) {
    const keys = dice.pick([
      ["a", "b"],
      ["x y", "'1'"],
      ['"q"', "a.b"],
      ["on", "k"],
    ]);
    return `\n${keys.map((key) => `${inner}${key}:${freeForm(dice, depth - 1, pad + 2)}`).join("\n")}`;
  }
  if (roll < 8) {
    const dash = dice.chance(50) ? inner : " ".repeat(pad + 4);
    return `\n${Array.from({ length: 1 + dice.int(3) }, () => `${dash}-${freeForm(dice, depth - 1, dash.length)}`).join("\n")}`;
  }
  return ` ${dice.pick(["[1, two, 'three', \"four\"]", "{a: 1, b: , c: [x, {y: z}]}", "[]", "{}", "[a: b, {c: d}]", "[\n{pad}x,\n{pad}y # c\n{pad}]", "&anchor [1, 2]", "&m {k: v}", "{? x : y}", "[2001-01-01 10:00:00, 0x1f, ~, yes]"]).replaceAll("{pad}", inner)}`;
}

function freeObject(dice: Dice, name: string, ns: string): string {
  const fields = Array.from({ length: 1 + dice.int(4) }, (_, i) => `g${i}:${freeForm(dice, 3, 0)}\n`).join(
    "",
  );
  const tail = fields.includes("&m") && dice.chance(60) ? "merged: {<<: *m, own: 1}\n" : "";
  return `apiVersion: example.com/v1\nkind: Free\n${metadata(dice, name, ns)}${dice.chance(30) ? "# note\n" : ""}${fields}${tail}`;
}

function binding(dice: Dice, name: string, ns: string): string {
  const kind = dice.pick(["RoleBinding", "ClusterRoleBinding"]);
  const subject = `- kind: ServiceAccount\n  name: ${dice.pick([...NAMES, "default"])}\n${dice.chance(50) ? `  namespace: ${dice.pick(["ns1", "ns2", "default"])}\n` : ""}`;
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\n${metadata(dice, name, ns)}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ${dice.pick(["Role", "ClusterRole"])}\n  name: ${dice.pick(NAMES)}\nsubjects:\n${subject}`;
}

function simple(
  kind: string,
  apiVersion: string,
  rest = "",
): (dice: Dice, name: string, ns: string) => string {
  return (dice, name, ns) => `apiVersion: ${apiVersion}\nkind: ${kind}\n${metadata(dice, name, ns)}${rest}`;
}

const MAKERS: readonly ((dice: Dice, name: string, ns: string) => string)[] = [
  (dice, name, ns) => workload(dice, "Deployment", "apps/v1", name, ns),
  (dice, name, ns) => workload(dice, "Deployment", "apps/v1", name, ns),
  (dice, name, ns) => workload(dice, "StatefulSet", "apps/v1", name, ns),
  (dice, name, ns) => workload(dice, "DaemonSet", "apps/v1", name, ns),
  (dice, name, ns) => workload(dice, "Job", "batch/v1", name, ns),
  (dice, name, ns) =>
    `apiVersion: batch/v1\nkind: CronJob\n${metadata(dice, name, ns)}spec:\n  schedule: "* * * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n${indent(podSpec(dice), 10)}`,
  configMap,
  configMap,
  custom,
  custom,
  freeObject,
  freeObject,
  binding,
  simple("Secret", "v1", "type: Opaque\ndata:\n  p: cGFzcw==\n"),
  simple("ServiceAccount", "v1"),
  simple(
    "Role",
    "rbac.authorization.k8s.io/v1",
    'rules:\n- apiGroups: [""]\n  resources: [secrets]\n  resourceNames: [db, cfg]\n  verbs: [get]\n',
  ),
  simple("ClusterRole", "rbac.authorization.k8s.io/v1", "rules: []\n"),
  simple("Namespace", "v1"),
  (dice, name, ns) =>
    `apiVersion: v1\nkind: Service\n${metadata(dice, name, ns)}spec:\n  selector:\n    app: ${name}\n  ports:\n  - port: 80\n${dice.chance(50) ? "    protocol: TCP\n" : ""}${dice.chance(40) ? "  - port: 443\n    name: tls\n" : ""}`,
  (dice, name, ns) =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\n${metadata(dice, name, ns)}spec:\n  rules:\n  - host: x\n    http:\n      paths:\n      - path: /\n        backend: {service: {name: ${dice.pick(NAMES)}, port: {number: 80}}}\n`,
  (dice, name, ns) =>
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n${metadata(dice, name, ns)}spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${dice.pick(NAMES)}}\n`,
  simple("PersistentVolumeClaim", "v1", "spec:\n  storageClassName: a\n"),
  simple("CustomResourceDefinition", "apiextensions.k8s.io/v1", "spec: {group: example.com}\n"),
  simple("NetworkPolicy", "networking.k8s.io/v1", "spec:\n  podSelector:\n    matchLabels: {app: web}\n"),
  simple(
    "ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1",
    "webhooks:\n- name: w.x\n  clientConfig:\n    service: {name: web, namespace: ns1, path: /}\n",
  ),
];

/** A document of an id that no other has, but for a few. */
function newObject(dice: Dice): string {
  for (;;) {
    const name = dice.pick(NAMES);
    const text = dice.pick(MAKERS)(dice, name, dice.pick(NAMESPACES));
    const kind = /^kind: (.*)$/m.exec(text)?.[1] ?? "";
    const taken = dice.known.some((object) => object.kind === kind && object.name === name);
    if (taken && !dice.chance(1)) continue;
    dice.known.push({ kind, name });
    return text;
  }
}

function resourceFile(dice: Dice): string {
  const documents = Array.from({ length: 1 + dice.int(3) }, () => newObject(dice));
  if (dice.chance(6)) {
    const items = documents.map((text) => `- ${indent(text, 2).trimStart()}`).join("");
    return `apiVersion: v1\nkind: ${dice.pick(["List", "List", "ConfigMapList"])}\nitems:\n${items}`;
  }
  if (dice.chance(4)) return documents.join("---\n").replaceAll("\n", "\r\n");
  if (dice.chance(8)) return documents.map((text) => `# head\n${text}# foot\n`).join("---\n");
  return documents.join(dice.pick(["---\n", "---\n", "--- # next\n", "---\n---\n"]));
}

function target(dice: Dice): string {
  const parts: string[] = [];
  if (dice.chance(70))
    parts.push(`kind: ${dice.pick(["Deployment", "ConfigMap", "Deployment|StatefulSet", "Thing", ".*Set"])}`);
  if (dice.chance(40)) parts.push(`name: ${dice.pick(["web", "a", "w.*", ".*", "cfg|db"])}`);
  if (dice.chance(10)) parts.push(`namespace: ${dice.pick(["ns1", "default"])}`);
  if (dice.chance(15))
    parts.push(`labelSelector: ${dice.pick(["app=web", "app", "'!k'", "app in (a, web)"])}`);
  if (dice.chance(10)) parts.push("group: apps");
  return `{${parts.map((part) => part.replace(/^(\w+): (.*)$/, (_, key, value) => `${key}: ${value.startsWith("'") ? value : JSON.stringify(value)}`)).join(", ")}}`;
}

function strategicPatch(dice: Dice): string {
  const kinds = ["Deployment", "Deployment", "StatefulSet", "ConfigMap", "Thing", "Service"];
  const present = kinds.filter((candidate) => dice.has(candidate));
  const kind = dice.pick(present.length > 0 ? present : kinds);
  const head = `apiVersion: ${{ Deployment: "apps/v1", StatefulSet: "apps/v1", Thing: "example.com/v1" }[kind] ?? "v1"}\nkind: ${kind}\nmetadata:\n  name: ${dice.nameOf([kind])}\n`;
  const meta = dice.chance(30) ? `  labels:\n    k: ${dice.pick(["patched", "null", '"7"', "~"])}\n` : "";
  const notes = dice.chance(20)
    ? `  annotations:\n    note: ${dice.pick(["patched", "null", "'yes'"])}\n`
    : "";
  if (kind === "ConfigMap") return `${head}${meta}${notes}data:\n  k0: ${scalar(dice, 4)}\n  k1: null\n`;
  if (kind === "Service")
    return `${head}${meta}spec:\n  ports:\n  - port: 80\n${dice.chance(50) ? "    protocol: TCP\n" : ""}    targetPort: 8080\n`;
  if (kind === "Thing")
    return `${head}${meta}${notes}spec:\n  f0: ${scalar(dice, 4)}\n  f1: null\n  containers:\n  - name: main\n    image: patched\n`;
  const directive = dice.chance(10) ? `        $patch: ${dice.pick(["delete", "replace", "merge"])}\n` : "";
  return `${head}${meta}${notes}spec:\n  ${dice.pick(["replicas: 9", "replicas: null", "paused: true"])}\n  template:\n    spec:\n      containers:\n      - name: ${dice.pick(["main", "side", "new"])}\n${directive}${indent(container(dice, "x").split("\n").slice(1).join("\n"), 6)}${dice.chance(15) ? "      volumes: null\n" : ""}${dice.chance(15) ? "      tolerations:\n      - key: z\n" : ""}`;
}

function jsonPatch(dice: Dice): string {
  const operations = Array.from({ length: 1 + dice.int(2) }, () =>
    dice.pick([
      "- op: add\n  path: /metadata/annotations\n  value: {a: b}\n",
      "- op: add\n  path: /spec\n  value: {replicas: 3, template: {spec: {containers: [{name: main, image: nginx}]}}}\n",
      "- op: replace\n  path: /metadata/namespace\n  value: jns\n",
      "- op: replace\n  path: /spec\n  value: {f0: 'on', f1: 1e7, f2: 12345678}\n",
      "- op: replace\n  path: /metadata/name\n  value: renamed\n",
      "- op: add\n  path: /metadata/labels/x\n  value: y\n",
      '- op: add\n  path: /metadata/annotations/n\n  value: "1"\n',
      "- op: add\n  path: /spec/template/spec/containers/-\n  value: {name: j, image: app}\n",
      "- op: remove\n  path: /spec/template/spec/containers/0/image\n",
      "- op: replace\n  path: /spec/replicas\n  value: 1.5\n",
      "- op: add\n  path: /spec/extra\n  value: [1, yes, 'no', 1e3, 017, null]\n",
      "- op: test\n  path: /kind\n  value: Deployment\n",
      "- op: copy\n  from: /metadata/name\n  path: /metadata/labels\n",
      "- op: move\n  from: /spec\n  path: /moved\n",
      "- op: add\n  path: /data\n  value: {k: v}\n",
    ]),
  );
  return operations.join("");
}

function patchEntry(dice: Dice, directory: string, files: Files, index: number): string {
  const json = dice.chance(40);
  const text = json ? jsonPatch(dice) : strategicPatch(dice);
  const wanted = json || dice.chance(35) ? `  target: ${target(dice)}\n` : "";
  const options = dice.chance(15)
    ? `  options: {${wanted === "" ? "allowKindChange" : "allowNameChange"}: true}\n`
    : "";
  if (dice.chance(40)) {
    files[`${directory}/patch${index}.yaml`] = text;
    return `- path: patch${index}.yaml\n${wanted}${options}`;
  }
  return `- patch: |-\n${indent(text, 4)}\n${wanted}${options}`;
}

function replacement(dice: Dice): string {
  const kind = dice.pick(
    ["Deployment", "ConfigMap", "Service", "Thing"].filter((wanted) => dice.has(wanted)),
  );
  const selector = `kind: ${kind ?? "Deployment"}, name: ${dice.nameOf([kind ?? "Deployment"])}`;
  const source = dice.pick([
    `source: {${selector}}`,
    `source: {${selector}}`,
    `source: {${selector}, fieldPath: metadata.name, options: {delimiter: '-', index: 0}}`,
    "sourceValue: '42'",
    `source: {kind: Deployment, name: ${dice.nameOf(["Deployment"])}, fieldPath: 'spec.template.spec.containers.0.name'}`,
    `source: {${selector}, fieldPath: metadata.labels}`,
  ]);
  const paths = dice.pick([
    "[metadata.labels.rep]",
    "['spec.template.spec.containers.[name=main].image']",
    "['spec.template.spec.containers.*.env.[name=E0].value']",
    "['metadata.annotations.[a.b/c]']",
    "[spec.f0]",
    "[spec.replicas]",
  ]);
  const options = dice.chance(85)
    ? `\n    options: {create: true${dice.chance(20) ? ", delimiter: ':', index: 1" : ""}}`
    : "";
  const reject = dice.chance(15) ? "\n    reject: [{name: web}]" : "";
  return `- ${source}\n  targets:\n  - select: {kind: ${dice.pick(["Deployment", "Thing", "ConfigMap"])}${dice.chance(30) ? ", name: web" : ""}}\n    fieldPaths: ${paths}${options}${reject}\n`;
}

function generator(dice: Dice, directory: string, files: Files): string {
  let text = `- name: ${dice.pick(NAMES)}\n`;
  if (dice.chance(20)) text += `  behavior: ${dice.pick(["merge", "replace", "create"])}\n`;
  if (dice.chance(20)) text += `  namespace: ${dice.pick(["ns1", "default"])}\n`;
  if (dice.chance(70)) text += `  literals: [k0=v, "k9='q'", k8=a=b]\n`;
  if (dice.chance(30)) {
    files[`${directory}/props.txt`] = dice.pick([
      "line\r\nother\r\n",
      "text  \nwith spaces\n",
      "\u00ff plain",
      "x".repeat(90),
    ]);
    text += "  files: [props.txt, named=props.txt]\n";
  }
  if (dice.chance(20)) {
    files[`${directory}/env.txt`] = "# c\nA=1\n B = 2\nC\n";
    text += "  envs: [env.txt]\n";
  }
  if (dice.chance(30))
    text += `  options: {${dice.pick(["disableNameSuffixHash: true", "immutable: true", "labels: {g: x}", "annotations: {z: '1'}"])}}\n`;
  return text;
}

/** A plugin's configuration: inline, or in a file beside. */
function plugin(dice: Dice, text: string, directory: string, files: Files, name: string): string {
  if (dice.chance(50)) return `- |-\n${indent(text, 2)}\n`;
  files[`${directory}/${name}-plugin.yaml`] = text;
  return `- ${name}-plugin.yaml\n`;
}

function transformerPlugin(dice: Dice): string {
  const body = dice.pick([
    "kind: NamespaceTransformer\nmetadata: {name: n, namespace: tns}\nunsetOnly: true\n",
    "kind: NamespaceTransformer\nmetadata: {name: n, namespace: tns}\nsetRoleBindingSubjects: allServiceAccounts\nfieldSpecs: [{path: metadata/namespace, create: true}]\n",
    "kind: LabelTransformer\nmetadata: {name: l}\nlabels: {t: x}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
    "kind: AnnotationsTransformer\nmetadata: {name: a}\nannotations: {t: 'yes'}\nfieldSpecs: [{path: metadata/annotations, create: true}, {path: spec/template/metadata/annotations, create: true, kind: Deployment}]\n",
    "kind: PrefixTransformer\nmetadata: {name: p}\nprefix: t-\nfieldSpecs: [{path: metadata/name}]\n",
    "kind: SuffixTransformer\nmetadata: {name: p}\nsuffix: -t\nfieldSpecs: [{path: metadata/name, kind: ConfigMap}, {path: spec/ref/name}]\n",
    "kind: ImageTagTransformer\nmetadata: {name: i}\nimageTag: {name: nginx, newTag: t1}\n",
    "kind: ImageTagTransformer\nmetadata: {name: i}\nimageTag: {name: app, newName: other/app}\nfieldSpecs: [{path: spec/f0}]\n",
    `kind: ReplicaCountTransformer\nmetadata: {name: r}\nreplica: {name: ${dice.nameOf(["Deployment"])}, count: 4}\nfieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]\n`,
    `kind: PatchTransformer\nmetadata: {name: x}\ntarget: ${target(dice)}\npatch: |-\n${indent(jsonPatch(dice), 2)}\n`,
    `kind: PatchTransformer\nmetadata: {name: x}\npatch: |-\n${indent(strategicPatch(dice), 2)}\n`,
    `kind: PatchStrategicMergeTransformer\nmetadata: {name: x}\npatches: |-\n${indent(strategicPatch(dice), 2)}\n`,
    `kind: ReplacementTransformer\nmetadata: {name: x}\nreplacements:\n${replacement(dice)}`,
    `kind: PatchJson6902Transformer\nmetadata: {name: x}\ntarget: {group: apps, version: v1, kind: Deployment, name: ${dice.nameOf(["Deployment"])}}\njsonOp: |-\n${indent(jsonPatch(dice), 2)}\n`,
  ]);
  return `apiVersion: builtin\n${body}`;
}

function generatorPlugin(dice: Dice): string {
  const kind = dice.pick(["ConfigMapGenerator", "SecretGenerator"]);
  const more = dice.pick([
    "",
    "behavior: merge\n",
    "options: {disableNameSuffixHash: true}\n",
    "options: {labels: {o: p}}\n",
  ]);
  return `apiVersion: builtin\nkind: ${kind}\nmetadata: {name: ${dice.pick(NAMES)}${dice.chance(30) ? ", namespace: ns1" : ""}}\nliterals: [a=b, "c='d'"]\n${more}`;
}

const TOP_FIELDS: readonly ((dice: Dice, directory: string, files: Files) => string)[] = [
  (dice) => `namePrefix: ${dice.pick(["p-", "x.", "'1'"])}\n`,
  (dice) => `nameSuffix: ${dice.pick(["-s", "-v2"])}\n`,
  (dice) => `namespace: ${dice.pick(["ns1", "prod", "default"])}\n`,
  (dice) => `commonLabels: {team: ${dice.pick(["x", "'5'", '"y"'])}}\n`,
  (dice) =>
    `labels:\n- pairs: {l: ${dice.pick(["v", "'on'"])}}\n${dice.chance(40) ? "  includeSelectors: true\n" : ""}${dice.chance(30) ? "  includeTemplates: true\n" : ""}`,
  () => "commonAnnotations: {owner: me, z: '1'}\n",
  (dice) =>
    `images:\n- name: ${dice.pick(["nginx", "app", "registry:5000/nginx", "docker.io/nginx"])}\n  ${dice.pick(["newTag: '9'", "newName: other", "digest: sha256:ff", "newName: o/p\n  newTag: v2", "tagSuffix: -x"])}\n`,
  (dice) =>
    dice.has("Deployment") || dice.chance(5)
      ? `replicas: [{name: ${dice.nameOf(["Deployment"])}, count: 7}]\n`
      : "nameSuffix: -r\n",
  (dice, directory, files) =>
    `patches:\n${Array.from({ length: 1 + dice.int(2) }, (_, i) => patchEntry(dice, directory, files, i)).join("")}`,
  (dice, directory, files) => `patches:\n${patchEntry(dice, directory, files, 7)}`,
  (dice) => `patchesStrategicMerge:\n- |-\n${indent(strategicPatch(dice), 2)}\n`,
  (dice) =>
    `patchesJson6902:\n- target: {group: apps, version: v1, kind: Deployment, name: ${dice.nameOf(["Deployment"])}}\n  patch: |-\n${indent(jsonPatch(dice), 4)}\n`,
  (dice, directory, files) => `configMapGenerator:\n${generator(dice, directory, files)}`,
  (dice, directory, files) => `secretGenerator:\n${generator(dice, directory, files)}`,
  (dice) => `replacements:\n${replacement(dice)}`,
  () => "generatorOptions: {labels: {gen: all}}\n",
  (dice) =>
    !dice.has("Service")
      ? "commonAnnotations: {novars: x}\n"
      : `vars:\n- name: VAR\n  objref: {kind: Service, name: ${dice.nameOf(["Service"])}, apiVersion: v1}\n`,
  (dice) =>
    `buildMetadata: [${dice.pick(["originAnnotations", "transformerAnnotations", "managedByLabel", "originAnnotations, transformerAnnotations"])}]\n`,
  (dice) => `sortOptions: {order: ${dice.pick(["fifo", "legacy"])}}\n`,
  (dice, directory, files) => {
    files[`${directory}/config.yaml`] = dice.pick([
      "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - kind: Thing\n    path: spec/ref/name\n",
      "images:\n- path: spec/f0\n  kind: Thing\n",
      "namePrefix:\n- path: metadata/name\n  kind: Deployment\n",
      "commonLabels:\n- path: spec/selector\n  create: true\n  kind: Thing\n",
      "varReference:\n- path: spec/f0\n  kind: Thing\n",
    ]);
    return "configurations: [config.yaml]\n";
  },
  (dice, directory, files) =>
    `transformers:\n${plugin(dice, transformerPlugin(dice), directory, files, "t")}`,
  (dice, directory, files) => `generators:\n${plugin(dice, generatorPlugin(dice), directory, files, "g")}`,
  (dice) =>
    `labels:\n- pairs: {f: ${dice.pick(["v", "'1'"])}}\n  fields:\n  - {path: ${dice.pick(["spec/extra/labels", "metadata/labels", "spec/template/spec/containers[]/labels"])}, kind: ${dice.pick(["Thing", "Deployment", "Free"])}, create: ${dice.chance(60)}}\n`,
  (dice, directory, files) => {
    files[`${directory}/rep.yaml`] = replacement(dice);
    return "replacements: [{path: rep.yaml}]\n";
  },
  (dice, directory, files) => {
    files[`${directory}/multi.yaml`] = `${strategicPatch(dice)}---\n${strategicPatch(dice)}`;
    return `patches: [{path: multi.yaml}]\n`;
  },
];

function kustomization(dice: Dice, directory: string, files: Files, lists: string, kind: string): void {
  const fields = dice.some(TOP_FIELDS, 14).slice(0, 6);
  const seen = new Set<string>();
  let text = kind === "Component" ? "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n" : "";
  text += lists;
  for (const field of fields) {
    const made = field(dice, directory, files);
    const key = made.slice(0, made.indexOf(":"));
    if (seen.has(key)) continue;
    seen.add(key);
    text += made;
  }
  files[`${directory}/kustomization.yaml`] = text;
}

/** Files of a random kustomization; the one to build is in `overlay`. */
export function randomKustomization(seed: number): Files {
  const dice = new Dice(seed);
  const files: Files = {};
  const bases = ["base", ...(dice.chance(35) ? ["other"] : [])];
  for (const base of bases) {
    const names = Array.from({ length: 1 + dice.int(3) }, (_, index) => `r${index}.yaml`);
    for (const name of names) files[`${base}/${name}`] = resourceFile(dice);
    kustomization(dice, base, files, `resources: [${names.join(", ")}]\n`, "Kustomization");
  }
  let lists = `resources:\n${bases.map((base) => `- ../${base}\n`).join("")}`;
  if (dice.chance(40)) {
    files["overlay/extra.yaml"] = resourceFile(dice);
    lists += "- extra.yaml\n";
  }
  if (dice.chance(25)) {
    kustomization(dice, "component", files, "", "Component");
    lists += "components: [../component]\n";
  }
  kustomization(dice, "overlay", files, lists, "Kustomization");
  return files;
}
