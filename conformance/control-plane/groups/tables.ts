import type { Json } from "../api.js";
import { TABLE } from "../api.js";
import { answers, type Check, check, holds, like, refuses, same } from "../check.js";
import { COLUMNS } from "../facts.js";
import { collection, configMap, samples } from "../samples.js";

const RECEIVING = "reference/using-api/api-concepts: Receiving resources as Tables";

const columns = COLUMNS.trim()
  .split("\n")
  .map((line) => {
    const [what = "", shown = "", wide = ""] = line.split("|").map((each) => each.trim());
    const [groupVersion = "", resource = ""] = what.split(" ");
    const names = (text: string) => text.split(", ").filter((each) => each !== "");
    return check(
      `${groupVersion} ${resource} has the columns that people know`,
      RECEIVING,
      async ({ api }) => {
        const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
        const answer = await api.get(`${root}/${resource}?limit=1`, { headers: { accept: TABLE } });
        const { kind, columnDefinitions } = answers(answer);
        same(kind, "Table", "kind");
        same(
          columnDefinitions.filter(({ priority }: Json) => priority === 0).map(({ name }: Json) => name),
          names(shown),
          "the columns shown",
        );
        same(
          columnDefinitions.filter(({ priority }: Json) => priority > 0).map(({ name }: Json) => name),
          names(wide),
          "the wide columns",
        );
      },
    );
  });

/** Cells that are the same however old the object is, by resource. */
const CELLS: Readonly<Record<string, readonly (readonly [column: string, cell: unknown])[]>> = {
  configmaps: [["Data", 2]],
  endpoints: [["Endpoints", "10.1.2.3:80"]],
  persistentvolumeclaims: [
    ["Status", "Pending"],
    ["StorageClass", "none"],
    ["VolumeAttributesClass", "<unset>"],
  ],
  podtemplates: [
    ["Containers", "main"],
    ["Images", "app:1"],
    ["Pod Labels", "app=NAME"],
  ],
  replicationcontrollers: [
    ["Desired", 0],
    ["Images", "app:1"],
    ["Selector", "app=NAME"],
  ],
  secrets: [
    ["Type", "Opaque"],
    ["Data", 1],
  ],
  services: [
    ["Type", "ClusterIP"],
    ["External-IP", "<none>"],
    ["Port(s)", "80/TCP"],
    ["Selector", "app=NAME"],
  ],
  controllerrevisions: [
    ["Controller", "<none>"],
    ["Revision", 3],
  ],
  daemonsets: [
    ["Desired", 0],
    ["Node Selector", "none=such"],
    ["Selector", "app=NAME"],
  ],
  deployments: [
    ["Ready", "0/0"],
    ["Containers", "main"],
    ["Selector", "app=NAME"],
  ],
  replicasets: [
    ["Desired", 0],
    ["Images", "app:1"],
  ],
  statefulsets: [
    ["Ready", "0/0"],
    ["Images", "app:1"],
  ],
  cronjobs: [
    ["Schedule", "*/5 * * * *"],
    ["Timezone", "<none>"],
    ["Suspend", "True"],
    ["Active", 0],
    ["Last Schedule", "<none>"],
    ["Selector", "<none>"],
  ],
  jobs: [["Completions", "0/1"]],
  leases: [["Holder", "me"]],
  endpointslices: [
    ["AddressType", "IPv4"],
    ["Ports", "80"],
    ["Endpoints", "10.1.2.3"],
  ],
  ingresses: [
    ["Class", "<none>"],
    ["Hosts", "a.example.com"],
    ["Address", ""],
    ["Ports", "80"],
  ],
  networkpolicies: [["Pod-Selector", "app=a"]],
  poddisruptionbudgets: [
    ["Min Available", "50%"],
    ["Max Unavailable", "N/A"],
  ],
  rolebindings: [
    ["Role", "Role/r"],
    ["Users", "u"],
    ["Groups", ""],
  ],
  namespaces: [["Status", "Active"]],
  persistentvolumes: [
    ["Capacity", "1Gi"],
    ["Access Modes", "RWO"],
    ["Reclaim Policy", "Retain"],
    ["Claim", ""],
    ["StorageClass", "manual"],
    ["VolumeMode", "Filesystem"],
  ],
  mutatingwebhookconfigurations: [["Webhooks", 1]],
  validatingadmissionpolicies: [
    ["Validations", 1],
    ["ParamKind", "<unset>"],
  ],
  validatingadmissionpolicybindings: [
    ["PolicyName", "none.example.com"],
    ["ParamRef", "<unset>"],
  ],
  certificatesigningrequests: [
    ["SignerName", "example.com/s"],
    ["Condition", "Pending"],
    ["RequestedDuration", "<none>"],
  ],
  flowschemas: [
    ["PriorityLevel", "global-default"],
    ["MatchingPrecedence", 1000],
    ["DistinguisherMethod", "<none>"],
  ],
  prioritylevelconfigurations: [
    ["Type", "Limited"],
    ["NominalConcurrencyShares", 30],
    ["Queues", "<none>"],
  ],
  ingressclasses: [
    ["Controller", "example.com/c"],
    ["Parameters", "<none>"],
  ],
  runtimeclasses: [["Handler", "runc"]],
  clusterrolebindings: [
    ["Role", "ClusterRole/r"],
    ["Users", "u"],
  ],
  priorityclasses: [
    ["Value", 7],
    ["Global-Default", false],
    ["PreemptionPolicy", "PreemptLowerPriority"],
  ],
  csidrivers: [
    ["AttachRequired", false],
    ["PodInfoOnMount", false],
    ["TokenRequests", "<unset>"],
    ["Modes", "Persistent"],
  ],
  csinodes: [["Drivers", 1]],
  storageclasses: [
    ["Provisioner", "example.com/p"],
    ["ReclaimPolicy", "Delete"],
    ["VolumeBindingMode", "Immediate"],
    ["AllowVolumeExpansion", false],
  ],
  volumeattachments: [
    ["Attacher", "a.example.com"],
    ["PV", "v"],
    ["Node", "node-a"],
    ["Attached", false],
  ],
  volumeattributesclasses: [["DriverName", "example.com/d"]],
  resourceslices: [
    ["Node", "node-a"],
    ["Driver", "gpu.example.com"],
    ["Pool", "p"],
  ],
};

const rows = samples("NAME").flatMap(({ groupVersion, resource }, index) => {
  const cells =
    groupVersion.startsWith("autoscaling") || groupVersion.startsWith("events") ? undefined : CELLS[resource];
  if (cells === undefined) return [];
  return [
    check(
      `a row of ${resource} tells ${cells.map(([column]) => column).join(", ")}`,
      RECEIVING,
      async (trial) => {
        const sample = samples(trial.name)[index];
        if (sample === undefined) throw new Error("no such sample");
        const at = collection(sample, trial.ns);
        const { metadata } = answers(await trial.api.post(at, sample.object), 201);
        trial.after(() => trial.api.delete(`${at}/${metadata.name}?gracePeriodSeconds=0`));
        const table = answers(await trial.api.get(`${at}/${metadata.name}`, { headers: { accept: TABLE } }));
        const cell = (column: string) =>
          table.rows[0].cells[table.columnDefinitions.findIndex(({ name }: Json) => name === column)];
        same(cell("Name"), metadata.name, "the name");
        for (const [column, wanted] of cells) {
          same(
            cell(column),
            typeof wanted === "string" ? wanted.replace("NAME", trial.name) : wanted,
            column,
          );
        }
      },
    ),
  ];
});

const shape: readonly Check[] = [
  check("a Table of one object has one row, with its metadata", RECEIVING, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    const table = answers(await api.get(`${path("configmaps")}/${name}`, { headers: { accept: TABLE } }));
    like(table, {
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: { resourceVersion: /^\d+$/ },
      columnDefinitions: [
        { name: "Name", type: "string", format: "name", priority: 0 },
        { name: "Data", type: "string" },
        { name: "Age", type: "string" },
      ],
      rows: [
        {
          cells: [name, 1, /^\d+s$/],
          object: {
            kind: "PartialObjectMetadata",
            apiVersion: "meta.k8s.io/v1",
            metadata: { name },
            data: undefined,
          },
        },
      ],
    });
  }),
  check("includeObject chooses what a row carries", RECEIVING, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    const row = async (include: string) =>
      answers(
        await api.get(`${path("configmaps")}/${name}?includeObject=${include}`, {
          headers: { accept: TABLE },
        }),
      ).rows[0];
    like(await row("Object"), { object: { kind: "ConfigMap", apiVersion: "v1", data: { a: "1" } } });
    same((await row("None")).object ?? null, null, "the object of None");
    refuses(
      await api.get(`${path("configmaps")}?includeObject=All`, { headers: { accept: TABLE } }),
      400,
      "must be 'Metadata', 'Object', 'None', or empty",
    );
  }),
  check("a Table is paged as a list is", RECEIVING, async ({ api, path, name }) => {
    for (const each of ["a", "b", "c"])
      await api.post(path("configmaps"), configMap(`${name}${each}`, {}, { labels: { page: name } }));
    const first = answers(await api.get(`${path("configmaps")}?limit=2`, { headers: { accept: TABLE } }));
    same(first.rows.length, 2, "the number of rows");
    holds(first.metadata.continue !== "" && first.metadata.continue !== undefined, "there is a token");
    const rest = answers(
      await api.get(`${path("configmaps")}?limit=500&continue=${first.metadata.continue}`, {
        headers: { accept: TABLE },
      }),
    );
    holds(rest.rows.length > 0 && rest.metadata.continue === undefined, "the rest has no token");
  }),
  check(
    "a resource without metadata is no Table",
    "a conformance test of Kubernetes: Servers with support for Table transformation should return a 406",
    async ({ api }) => {
      const body = { spec: { resourceAttributes: { verb: "get", resource: "pods" } } };
      const answer = await api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body, {
        headers: { accept: TABLE },
      });
      like(refuses(answer, 406, "only the following media types are accepted"), { reason: "NotAcceptable" });
    },
  ),
  check(
    "an error stays a Status where a Table was asked for",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      like(refuses(await api.get(`${path("configmaps")}/none`, { headers: { accept: TABLE } }), 404), {
        kind: "Status",
      });
    },
  ),
  check(
    "v1beta1 of a Table is still known",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      const answer = await api.get(path("configmaps"), {
        headers: { accept: "application/json;as=Table;v=v1beta1;g=meta.k8s.io" },
      });
      like(answers(answer), { kind: "Table", apiVersion: "meta.k8s.io/v1beta1" });
    },
  ),
  check(
    "a watch of Tables names its columns once",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { api, path, name } = trial;
      const watch = await api.watch(
        `${path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${name}`,
        {
          headers: { accept: TABLE },
        },
      );
      trial.after(() => watch.close());
      await api.post(path("configmaps"), configMap(name));
      await api.patch(`${path("configmaps")}/${name}`, "application/merge-patch+json", { data: { b: "2" } });
      const [first, second] = await watch.take(2);
      like(first, { type: "ADDED", object: { kind: "Table", rows: [{ cells: [name, 1, /s$/] }] } });
      same(first?.object.columnDefinitions.length, 3, "columns of the first event");
      like(second, { type: "MODIFIED", object: { rows: [{ cells: [name, 2, /s$/] }] } });
      same((second?.object.columnDefinitions ?? []).length, 0, "columns of the second event");
    },
  ),
  check(
    "metadata alone: one object, a list, a watch",
    "reference/using-api/api-concepts: Fetching metadata only",
    async (trial) => {
      const { api, path, name } = trial;
      await api.post(path("configmaps"), configMap(name));
      const one = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
      const list = { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" };
      like(answers(await api.get(`${path("configmaps")}/${name}`, { headers: one })), {
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: { name },
        data: undefined,
      });
      const listed = answers(
        await api.get(`${path("configmaps")}?fieldSelector=metadata.name%3D${name}`, { headers: list }),
      );
      like(listed, {
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        items: [{ metadata: { name }, data: undefined }],
      });
      const watch = await api.watch(
        `${path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${name}`,
        { headers: one },
      );
      trial.after(() => watch.close());
      like((await watch.take(1))[0], {
        type: "ADDED",
        object: { kind: "PartialObjectMetadata", metadata: { name }, data: undefined },
      });
      refuses(
        await api.get(path("configmaps"), { headers: one }),
        406,
        "you requested PartialObjectMetadata",
      );
    },
  ),
];

export const tables: readonly Check[] = [...columns, ...rows, ...shape];
