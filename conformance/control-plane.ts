import { Api } from "./control-plane/api.js";
import { answers, type Check, eventually, type Group, type Trial } from "./control-plane/check.js";
import { groups } from "./control-plane/groups.js";
import { type Home, openHome } from "./control-plane/home.js";
import { Tools } from "./control-plane/tools.js";

interface GroupResult {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
}

interface Result {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
  readonly groups: readonly GroupResult[];
  readonly excluded: readonly string[];
}

interface Outcome {
  readonly check: Check;
  readonly reason: string | undefined;
}

/** Checks at a time; kubectl and helm take a processor each for a moment. */
const PARALLEL = 6;
/** Checks that tests of failing parts of the machine need alone. */
const ALONE = "durability and operations";

/**
 * Drives raw HTTP, kubectl and helm through the table of behaviours, against an embedded API in a process
 * of its own, or against the server of `CONFORMANCE_KUBECONFIG`. `CONFORMANCE_ONLY` takes the checks whose
 * group or name holds a text.
 */
export async function run(): Promise<Result> {
  const home = await openHome();
  const api = new Api(home.kubeconfig);
  try {
    const needs = await needsOf(home, api);
    const selected = groups.map((group) => ({ ...group, checks: group.checks.filter(isWanted(group.name)) }));
    const excluded = selected.flatMap(({ checks }) =>
      checks.filter((each) => !needs(each)).map(({ name }) => name),
    );
    const results: { group: Group; outcomes: readonly Outcome[] }[] = [];
    const pool = new Pool(PARALLEL);
    const running = selected
      .filter(({ name }) => name !== ALONE)
      .map(async (group) => {
        results.push({ group, outcomes: await tryGroup(group, { home, api, needs, pool }) });
      });
    await Promise.all(running);
    const last = selected.find(({ name }) => name === ALONE);
    if (last !== undefined) {
      results.push({ group: last, outcomes: await tryGroup(last, { home, api, needs, pool: new Pool(1) }) });
    }
    return summarize(selected, results, excluded);
  } finally {
    api.close();
    await home.close();
  }
}

/** Which checks the server can be given: a foreign one is asked whether controllers work beside it. */
async function needsOf(home: Home, api: Api): Promise<(check: Check) => boolean> {
  const has = new Set<string>(home.foreign ? ["controllers"] : ["controllers", "workloads", "process"]);
  if (home.foreign) {
    const { code } = await api.get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
    if (code !== 200) has.delete("controllers");
  }
  if (home.auditLog !== undefined) has.add("audit");
  return ({ needs = [] }) => needs.every((need) => has.has(need));
}

function isWanted(group: string): (check: Check) => boolean {
  const only = process.env["CONFORMANCE_ONLY"];
  return ({ name }) => only === undefined || only === "" || `${group}: ${name}`.includes(only);
}

interface Surroundings {
  readonly home: Home;
  readonly api: Api;
  readonly needs: (check: Check) => boolean;
  readonly pool: Pool;
}

async function tryGroup(group: Group, { home, api, needs, pool }: Surroundings): Promise<readonly Outcome[]> {
  const checks = group.checks.filter(needs);
  if (checks.length === 0) return [];
  const tools = new Tools(home.kubeconfig, home.directory);
  const slug = group.name.replaceAll(/[^a-z]+/g, "-");
  const created = await api.post("/api/v1/namespaces", { metadata: { generateName: `${slug}-` } });
  const ns: string = answers(created, 201).metadata.name;
  await ensureServiceAccount(api, ns);
  const outcomes = await Promise.all(
    checks.map((check, index) =>
      pool.run(async () => {
        const undo: (() => unknown)[] = [];
        const trial: Trial = {
          api,
          ns,
          home,
          name: `${slug.slice(0, 8).replace(/-$/, "")}-${index}${ns.slice(-5)}`,
          tools,
          path: (resource, version = "v1") =>
            `${version.includes("/") ? "/apis" : "/api"}/${version}/namespaces/${ns}/${resource}`,
          after: (step) => void undo.push(step),
        };
        const reason = await Promise.race([check.run(trial).then(() => undefined, messageOf), overdue()]);
        for (const step of undo.reverse()) await tidy(step);
        if (process.env["CONFORMANCE_VERBOSE"] !== undefined)
          console.error(`${reason ?? "ok"}: ${check.name}`);
        return { check, reason };
      }),
    ),
  );
  // The checks of operations may have started the server anew, at another address.
  const last = new Api(home.kubeconfig);
  await tidy(() => last.delete(`/api/v1/namespaces/${ns}`));
  last.close();
  return outcomes;
}

/** What cannot be taken away is gone with the server, or shows in the checks after. */
async function tidy(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (process.env["CONFORMANCE_VERBOSE"] !== undefined) console.error(`not tidied: ${messageOf(error)}`);
  }
}

/** Pods need it; where no controllers run nobody else makes it. */
async function ensureServiceAccount(api: Api, ns: string): Promise<void> {
  const accounts = `/api/v1/namespaces/${ns}/serviceaccounts`;
  try {
    await eventually(async () => answers(await api.get(`${accounts}/default`)), 2_000);
  } catch {
    answers(await api.post(accounts, { metadata: { name: "default" } }), 201);
  }
}

/** Longer than any check needs; one that hangs must not hold up the others. */
const CHECK_MS = 75_000;

async function overdue(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, CHECK_MS).unref());
  return `did not end within ${CHECK_MS / 1000} s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function summarize(
  selected: readonly Group[],
  results: readonly { group: Group; outcomes: readonly Outcome[] }[],
  excluded: readonly string[],
): Result {
  const failures = results.flatMap(({ group, outcomes }) =>
    outcomes.flatMap(({ check, reason }) =>
      reason === undefined ? [] : [{ name: `${group.name}: ${check.name} (${check.cite})`, reason }],
    ),
  );
  const byGroup = selected.map(({ name }) => {
    const outcomes = results.find(({ group }) => group.name === name)?.outcomes ?? [];
    return {
      name,
      passed: outcomes.filter(({ reason }) => reason === undefined).length,
      total: outcomes.length,
    };
  });
  const total = byGroup.reduce((sum, group) => sum + group.total, 0);
  return {
    name: "control-plane",
    passed: total - failures.length,
    total,
    failures,
    groups: byGroup,
    excluded,
  };
}

/** Runs at most so many jobs at a time. */
class Pool {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
