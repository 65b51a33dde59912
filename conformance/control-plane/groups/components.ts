import { type Json, TABLE } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";

const AT = "/api/v1/componentstatuses";
const CITE =
  "reference/kubernetes-api: v1 componentstatuses; observed on a kube-apiserver 1.35: componentstatuses";
const WARNING = "v1 ComponentStatus is deprecated in v1.19+";
const NAMES = ["controller-manager", "etcd-0", "scheduler"];

const named = (list: Json) =>
  new Map<string, Json>(list.items.map((item: Json) => [item.metadata.name, item]));

export const componentChecks: readonly Check[] = [
  check("componentstatuses are a cluster's three parts, each with its health", CITE, async ({ api }) => {
    const answer = await api.get(AT);
    const list = answers(answer);
    same(answer.warnings, [WARNING], "the warnings");
    same([list.kind, list.metadata], ["ComponentStatusList", {}], "the list's type and metadata");
    const found = named(list);
    same([...found.keys()].sort(), NAMES, "the names");
    for (const item of found.values()) {
      same(Object.keys(item), ["metadata", "conditions"], "the members of one");
      like(item.conditions, [{ type: "Healthy", status: /^(True|False)$/, message: /./, error: undefined }]);
    }
    like(found.get("etcd-0").conditions, [{ status: "True", message: "ok" }]);
  }),
  check(
    "componentstatuses are healthy where controllers and workloads run",
    "concepts/overview/components",
    async ({ api }) => {
      await eventually(async () => {
        for (const item of named(answers(await api.get(AT))).values()) {
          like(item.conditions, [{ type: "Healthy", status: "True", message: "ok" }]);
        }
      });
    },
    "workloads",
  ),
  check("a componentstatus is read by name, without a version", CITE, async ({ api }) => {
    const answer = await api.get(`${AT}/etcd-0`);
    same(
      answers(answer),
      {
        kind: "ComponentStatus",
        apiVersion: "v1",
        metadata: { name: "etcd-0" },
        conditions: [{ type: "Healthy", status: "True", message: "ok" }],
      },
      "the object",
    );
    same(answer.warnings, [WARNING], "the warnings");
    answers(await api.get(`${AT}/etcd-0?watch=true`));
  }),
  check("a componentstatus that is none is not found, by its kind", CITE, async ({ api, name }) => {
    const told = refuses(await api.get(`${AT}/${name}`), 404);
    same(
      [told.message, told.details],
      [`componentstatus "${name}" not found`, { name, kind: "componentstatus" }],
      "what is told",
    );
  }),
  check("componentstatuses are selected, and not paged", CITE, async ({ api }) => {
    const selected = async (query: string) =>
      [...named(answers(await api.get(`${AT}?${query}`))).keys()].sort();
    same(await selected("fieldSelector=metadata.name%3Detcd-0"), ["etcd-0"], "those of a name");
    same(await selected("labelSelector=a%3Db"), [], "those with a label");
    same(await selected("labelSelector=a!%3Db"), NAMES, "those without one");
    same(await selected("limit=1&resourceVersion=5"), NAMES, "those of a page");
    refuses(
      await api.get(`${AT}?fieldSelector=a%3Db`),
      400,
      '"a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  }),
  check("componentstatuses are not watched", CITE, async ({ api }) => {
    const told = refuses(await api.get(`${AT}?watch=true`), 405);
    same(
      [told.message, told.details],
      ['watch is not supported on resources of kind "componentstatuses"', { kind: "componentstatuses" }],
      "what is told",
    );
    refuses(await api.get("/api/v1/watch/componentstatuses"), 404, "could not find the requested resource");
  }),
  check("componentstatuses are not written", CITE, async ({ api }) => {
    const why = "the server does not allow this method on the requested resource";
    refuses(await api.post(AT, { metadata: { name: "a" } }), 405, why);
    refuses(await api.put(`${AT}/etcd-0`, { metadata: { name: "etcd-0" } }), 405, why);
    refuses(await api.delete(`${AT}/etcd-0`), 405, why);
    refuses(await api.delete(AT), 405, why);
  }),
  check("componentstatuses are a table", CITE, async ({ api }) => {
    const table = answers(await api.get(`${AT}/etcd-0`, { headers: { accept: TABLE } }));
    same(
      table.columnDefinitions.map((column: Json) => [column.name, column.priority]),
      [
        ["Name", 0],
        ["Status", 0],
        ["Message", 0],
        ["Error", 0],
      ],
      "the columns",
    );
    same(table.rows[0].cells, ["etcd-0", "Healthy", "ok", ""], "the cells");
  }),
  check("kubectl get cs prints the health of each, and the warning", CITE, async ({ tools }) => {
    const { stdout, stderr } = await tools.kubectl(["get", "cs", "etcd-0"]);
    holds(/^NAME +STATUS +MESSAGE +ERROR\netcd-0 +Healthy +ok *\n$/.test(stdout), JSON.stringify(stdout));
    holds(stderr.includes(`Warning: ${WARNING}`), stderr);
  }),
];
