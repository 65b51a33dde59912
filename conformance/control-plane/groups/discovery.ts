import type { Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { aggregated, define } from "../definitions.js";
import { RESOURCES } from "../facts.js";

const API = "reference/using-api/api-concepts: Aggregated discovery";
const LEGACY = "reference/using-api/api-concepts: Unaggregated discovery";
const E2E = "a conformance test of Kubernetes: ";
const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

interface Fact {
  readonly groupVersion: string;
  readonly resource: string;
  readonly kind: string;
  readonly scope: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

const facts: readonly Fact[] = RESOURCES.trim()
  .split("\n")
  .map((line) => {
    const [groupVersion = "", resource = "", kind = "", scope = "", short, categories, verbs, subresources] =
      line.split("|").map((each) => each.trim());
    const words = (text: string | undefined) => (text ?? "").split(/[ ,]+/).filter((word) => word !== "");
    return {
      groupVersion,
      resource,
      kind,
      scope,
      shortNames: words(short),
      categories: words(categories),
      verbs: verbs === undefined || verbs === "" ? ALL_VERBS : words(verbs),
      subresources: words(subresources),
    };
  });

const root = (groupVersion: string) =>
  groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;

/** A resource in both forms of discovery. */
const served = facts.map((fact) =>
  check(
    `${fact.groupVersion} ${fact.resource} is listed with its names, verbs and subresources`,
    LEGACY,
    async ({ api }) => {
      const list = answers(await api.get(root(fact.groupVersion)));
      const found = list.resources.find((each: Json) => each.name === fact.resource);
      holds(found, "the resource is listed");
      like(found, {
        kind: fact.kind,
        namespaced: fact.scope === "namespaced",
        singularName: fact.kind.toLowerCase(),
      });
      same([...found.verbs].sort(), fact.verbs, "verbs");
      same(found.shortNames ?? [], fact.shortNames, "short names");
      same(found.categories ?? [], fact.categories, "categories");
      const below = list.resources
        .map((each: Json) => each.name)
        .filter((name: string) => name.startsWith(`${fact.resource}/`));
      same(
        below.map((name: string) => name.split("/")[1]).sort(),
        [...fact.subresources].sort(),
        "subresources",
      );
    },
  ),
);

/** Groups that no check makes and takes away meanwhile. */
const isStable = ({ name }: Json) => !name.endsWith(".example.com");

const documents: readonly Check[] = [
  check("/api names the version of the core group", LEGACY, async ({ api }) => {
    like(answers(await api.get("/api")), { kind: "APIVersions", versions: ["v1"] });
  }),
  check(
    "/apis lists groups, each with a preferred version of its own",
    `${E2E}Discovery should validate PreferredVersion for each APIGroup`,
    async ({ api }) => {
      const { kind, groups } = answers(await api.get("/apis"));
      same(kind, "APIGroupList", "kind");
      for (const group of groups.filter(isStable)) {
        const one = answers(await api.get(`/apis/${group.name}`));
        like(one, {
          kind: "APIGroup",
          apiVersion: "v1",
          name: group.name,
          preferredVersion: group.preferredVersion,
        });
        const versions = group.versions.map(({ groupVersion }: Json) => groupVersion);
        holds(
          versions.includes(group.preferredVersion.groupVersion),
          `${group.name} prefers a version it serves`,
        );
      }
    },
  ),
  check(
    "every listed group version has a document of its resources",
    `${E2E}Discovery should locate the groupVersion and a resource within each APIGroup`,
    async ({ api }) => {
      for (const group of answers(await api.get("/apis")).groups.filter(isStable)) {
        for (const { groupVersion } of group.versions) {
          like(answers(await api.get(`/apis/${groupVersion}`)), { kind: "APIResourceList", groupVersion });
        }
      }
    },
  ),
  check("a subresource of another group names it: scale", LEGACY, async ({ api }) => {
    const { resources } = answers(await api.get("/apis/apps/v1"));
    const scale = resources.find(({ name }: Json) => name === "deployments/scale");
    like(scale, { kind: "Scale", group: "autoscaling", version: "v1", singularName: "" });
  }),
  check("each stored resource has a storage version hash", LEGACY, async ({ api }) => {
    const { resources } = answers(await api.get("/api/v1"));
    const hash = resources.find(({ name }: Json) => name === "configmaps").storageVersionHash;
    holds(Buffer.from(hash, "base64").length === 8, "the hash is eight bytes in base64");
  }),
  check("autoscaling prefers v2", LEGACY, async ({ api }) => {
    like(answers(await api.get("/apis/autoscaling")), {
      preferredVersion: { groupVersion: "autoscaling/v2" },
    });
  }),
  check("an unknown group is a plain 404", "observed on a kube-apiserver 1.35: requests", async ({ api }) => {
    const answer = await api.get("/apis/none.example.com/v1");
    same(answer.code, 404, "the code");
    same(answer.text.trim(), "404 page not found", "the body");
  }),
  check(
    "an unknown resource of a known group is a Status",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const status = refuses(
        await api.get("/api/v1/nothings"),
        404,
        "the server could not find the requested resource",
      );
      like(status, { kind: "Status", reason: "NotFound", details: {} });
    },
  ),
  check("/ lists paths", "observed on a kube-apiserver 1.35: requests", async ({ api }) => {
    const { paths } = answers(await api.get("/"));
    for (const path of [
      "/api",
      "/api/v1",
      "/apis",
      "/apis/apps/v1",
      "/healthz",
      "/livez",
      "/metrics",
      "/openapi/v2",
      "/readyz",
      "/version",
    ]) {
      holds(paths.includes(path), `${path} is listed`);
    }
  }),
  check(
    "/version has whole numbers",
    `${E2E}server version should find the server version`,
    async ({ api }) => {
      const version = answers(await api.get("/version"));
      like(version, { major: "1", minor: /^\d+$/, gitVersion: /^v1\.35\.\d+/, platform: /\// });
    },
  ),
];

const aggregation: readonly Check[] = [
  check(
    "/apis answers aggregated to the v2 Accept header",
    `${E2E}AggregatedDiscovery raw aggregated discovery endpoint Accept headers`,
    async ({ api }) => {
      for (const path of ["/api", "/apis"]) {
        const answer = await api.get(path, { headers: { accept: AGGREGATED } });
        like(answers(answer), { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
        same(String(answer.headers["content-type"]).replaceAll(" ", ""), AGGREGATED, "the content type");
      }
    },
  ),
  check(
    "the built-in resources are in the aggregated documents",
    `${E2E}AggregatedDiscovery should support aggregated discovery interface`,
    async ({ api }) => {
      const wanted = [
        "/v1/namespaces",
        "apps/v1/deployments",
        "apiextensions.k8s.io/v1/customresourcedefinitions",
        "apiregistration.k8s.io/v1/apiservices",
        "authentication.k8s.io/v1/tokenreviews",
        "authorization.k8s.io/v1/selfsubjectaccessreviews",
        "autoscaling/v1/horizontalpodautoscalers",
        "autoscaling/v2/horizontalpodautoscalers",
        "batch/v1/jobs",
        "certificates.k8s.io/v1/certificatesigningrequests",
        "coordination.k8s.io/v1/leases",
        "discovery.k8s.io/v1/endpointslices",
        "events.k8s.io/v1/events",
        "networking.k8s.io/v1/ingresses",
        "node.k8s.io/v1/runtimeclasses",
        "policy/v1/poddisruptionbudgets",
        "scheduling.k8s.io/v1/priorityclasses",
        "storage.k8s.io/v1/csinodes",
        "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
      ];
      const found = await aggregated(api);
      for (const each of wanted) holds(found.has(each), `${each} is there`);
    },
  ),
  check("a resource carries its kind, scope, verbs, short names and subresources", API, async ({ api }) => {
    like((await aggregated(api)).get("apps/v1/deployments"), {
      resource: "deployments",
      responseKind: { group: "", version: "", kind: "Deployment" },
      scope: "Namespaced",
      singularResource: "deployment",
      shortNames: ["deploy"],
      categories: ["all"],
      subresources: [
        {
          subresource: "scale",
          responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
          verbs: ["get", "patch", "update"],
        },
        { subresource: "status", responseKind: { group: "", version: "", kind: "Deployment" } },
      ],
    });
  }),
  check("versions say that they are current", API, async ({ api }) => {
    const { items } = answers(await api.get("/apis", { headers: { accept: AGGREGATED } }));
    const apps = items.find(({ metadata }: Json) => metadata.name === "apps");
    like(apps.versions, [{ version: "v1", freshness: "Current" }]);
  }),
  check("several accepted types: the first that is known wins", API, async ({ api }) => {
    const accept = `application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,${AGGREGATED},application/json`;
    like(answers(await api.get("/apis", { headers: { accept } })), { kind: "APIGroupDiscoveryList" });
    like(answers(await api.get("/apis", { headers: { accept: "application/json" } })), {
      kind: "APIGroupList",
    });
  }),
  check("aggregated documents have an ETag, and answer 304 to it", API, async ({ api }) => {
    const first = await api.get("/apis", { headers: { accept: AGGREGATED } });
    const etag = String(first.headers.etag);
    holds(/^"[0-9A-F]{128}"$/.test(etag), `the ETag ${etag} is a SHA-512`);
    holds(String(first.headers.vary).includes("Accept"), "it varies by Accept");
    same(
      (await api.get("/api", { headers: { accept: AGGREGATED, "if-none-match": '"none"' } })).code,
      200,
      "another ETag's code",
    );
    const again = await api.get("/apis", { headers: { accept: AGGREGATED, "if-none-match": etag } });
    // Definitions come and go meanwhile: the document may have become another one.
    if (again.headers.etag === etag) same(again.code, 304, "the code");
  }),
  check(
    "a new definition appears in every form of discovery, and goes with it",
    `${E2E}AggregatedDiscovery should support raw aggregated discovery request for CRDs`,
    async (trial) => {
      const { group, plural, kind, remove } = await define(trial, {
        scope: "Namespaced",
        names: { shortNames: ["cfsn"], categories: ["cfcat"] },
      });
      await eventually(async () => {
        const { resources } = answers(await trial.api.get(`/apis/${group}/v1`));
        like(
          resources.find(({ name }: Json) => name === plural),
          {
            kind,
            namespaced: true,
            shortNames: ["cfsn"],
            categories: ["cfcat"],
            verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
          },
        );
        holds((await aggregated(trial.api)).has(`${group}/v1/${plural}`), "the aggregated document has it");
        holds(
          answers(await trial.api.get("/apis")).groups.some(({ name }: Json) => name === group),
          "/apis has the group",
        );
        like(answers(await trial.api.get(`/apis/${group}`)), {
          preferredVersion: { groupVersion: `${group}/v1` },
        });
      });
      await remove();
      await eventually(async () => {
        holds(!(await aggregated(trial.api)).has(`${group}/v1/${plural}`), "it is gone");
        holds(
          !answers(await trial.api.get("/apis")).groups.some(({ name }: Json) => name === group),
          "the group is gone",
        );
      });
    },
  ),
  check(
    "a status and a scale of a definition are subresources in discovery",
    "tasks/extend-kubernetes/custom-resources/custom-resource-definitions: Subresources",
    async (trial) => {
      const subresources = {
        status: {},
        scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" },
      };
      const { group, plural, kind } = await define(trial, { version: { subresources } });
      await eventually(async () => {
        const { resources } = answers(await trial.api.get(`/apis/${group}/v1`));
        like(
          resources.find(({ name }: Json) => name === `${plural}/status`),
          { kind, verbs: ["get", "patch", "update"] },
        );
        like(
          resources.find(({ name }: Json) => name === `${plural}/scale`),
          { kind: "Scale", group: "autoscaling", version: "v1" },
        );
      });
    },
  ),
];

export const discovery: readonly Check[] = [...served, ...documents, ...aggregation];
