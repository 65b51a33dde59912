import { boolType, compile, extend, kubernetesEnvironment, schemaType } from "@capstan/cel";

const self = schemaType({
  type: "object",
  properties: {
    replicas: { type: "integer" },
    minReplicas: { type: "integer" },
    name: { type: "string", maxLength: 63 },
    ports: {
      type: "array",
      maxItems: 10,
      items: {
        type: "object",
        properties: { name: { type: "string", maxLength: 15 }, port: { type: "integer" } },
      },
    },
  },
});

const data = {
  self: {
    replicas: 3,
    minReplicas: 1,
    name: "podinfo",
    ports: [
      { name: "http", port: 80 },
      { name: "metrics", port: 9090 },
    ],
  },
};

const rules = {
  compare: "self.replicas >= self.minReplicas && self.name.startsWith('pod')",
  presence: "!has(self.ports) || self.ports.size() > 0",
  quantifier: "self.ports.all(p, p.port > 0 && p.port < 65536)",
  match: "self.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
};

/** Evaluations and compilations per second of typical validation rules. */
export function run(print: (name: string, value: number, unit: string) => void): void {
  if (self === undefined) throw new Error("the schema has no type");
  const declarations = extend(kubernetesEnvironment, { variables: { self } });
  for (const [name, text] of Object.entries(rules)) {
    const program = compile(text, { declarations, resultTypes: [boolType] });
    if (Array.isArray(program)) throw new Error(program[0]?.message);
    const once = (): void => {
      const result = program.evaluate(data);
      if (!result.ok || result.value !== true) throw new Error(`${text} is not true`);
    };
    print(`evaluate_${name}`, rate(once), "1/s");
  }
  print(
    "compile",
    rate(() => compile(rules.quantifier, { declarations })),
    "1/s",
  );
}

function rate(work: () => unknown): number {
  for (let warm = 0; warm < 20_000; warm += 1) work();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 1000) {
    for (let batch = 0; batch < 500; batch += 1) work();
    count += 500;
  }
  return (count * 1000) / (performance.now() - start);
}
