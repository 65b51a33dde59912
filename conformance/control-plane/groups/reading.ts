import type { Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { AGEING, maps } from "../labelled-maps.js";
import { configMap, pod, service } from "../samples.js";
import { succeeded } from "../tools.js";

const VERSIONS = "reference/using-api/api-concepts: Resource versions";

const CHUNKS = "reference/using-api/api-concepts: Retrieving large results sets in chunks";

const SELECTORS = "concepts/overview/working-with-objects/labels: API";

const FIELDS = "concepts/overview/working-with-objects/field-selectors";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: list-watch";

const versions: readonly Check[] = [
  check("a write is read at once", OWN, async ({ api, path, name }) => {
    const { metadata } = answers(await api.post(path("configmaps"), configMap(name)), 201);
    same(
      answers(await api.get(`${path("configmaps")}/${name}`)).metadata.resourceVersion,
      metadata.resourceVersion,
      "the version read",
    );
    holds(
      BigInt(answers(await api.get(path("configmaps"))).metadata.resourceVersion) >=
        BigInt(metadata.resourceVersion),
      "a list is not older",
    );
  }),
  check("a version in a GET is a lower bound", VERSIONS, async ({ api, path, name }) => {
    const { metadata } = answers(await api.post(path("configmaps"), configMap(name)), 201);
    for (const version of ["0", metadata.resourceVersion])
      answers(await api.get(`${path("configmaps")}/${name}?resourceVersion=${version}`));
  }),
  check("a version of the future is a timeout", OWN, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    const status = refuses(
      await api.get(`${path("configmaps")}/${name}?resourceVersion=999999999`),
      504,
      "Too large resource version: 999999999, current:",
    );
    like(status, {
      reason: "Timeout",
      details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] },
    });
  }),
  check("a version that is no number is refused", OWN, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    refuses(
      await api.get(`${path("configmaps")}/${name}?resourceVersion=abc`),
      500,
      'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    );
    refuses(await api.get(`${path("configmaps")}?resourceVersion=abc`), 400, "invalid resource version");
  }),
  check("a list at an exact version shows the past", VERSIONS, async (trial) => {
    const at = await maps(trial, 2);
    const { metadata } = answers(await trial.api.get(at));
    await trial.api.delete(`${trial.path("configmaps")}/${trial.name}-000`);
    const past = answers(
      await trial.api.get(`${at}&resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`),
    );
    same([past.items.length, past.metadata.resourceVersion], [2, metadata.resourceVersion], "the past");
    same(
      answers(
        await trial.api.get(
          `${at}&resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`,
        ),
      ).items.length,
      1,
      "the present",
    );
    same(
      answers(await trial.api.get(`${at}&resourceVersion=${metadata.resourceVersion}&limit=10`)).items.length,
      2,
      "the past, with a limit",
    );
  }),
  check("a list at a version that is gone is 410", OWN, async ({ api, path }) => {
    await eventually(async () => {
      const answer = await api.get(`${path("configmaps")}?resourceVersion=1&resourceVersionMatch=Exact`);
      like(refuses(answer, 410, "The resourceVersion for the provided list is too old."), {
        reason: "Expired",
      });
    }, AGEING);
  }),
  check("combinations of a list's parameters that make no sense are refused", OWN, async ({ api, path }) => {
    const rows = [
      [
        "resourceVersionMatch=Exact",
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
      ],
      [
        "resourceVersionMatch=Exact&resourceVersion=0",
        'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
      ["resourceVersionMatch=Some&resourceVersion=5", 'resourceVersionMatch: Unsupported value: "Some"'],
      [
        "resourceVersionMatch=NotOlderThan&resourceVersion=5&continue=x",
        "resourceVersionMatch is forbidden when continue is provided",
      ],
      ["sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
    ] as const;
    for (const [query, message] of rows)
      refuses(await api.get(`${path("configmaps")}?${query}`), 422, "ListOptions.meta.k8s.io", message);
  }),
  check("lists have a kind, items that are never null, and an order", OWN, async (trial) => {
    const { api, path } = trial;
    const empty = answers(await api.get(`${path("configmaps")}?labelSelector=none%3Dsuch`));
    like(empty, { kind: "ConfigMapList", apiVersion: "v1", items: [] });
    const listed = answers(await api.get(await maps(trial, 3))).items;
    same(
      listed.map(({ metadata }: Json) => metadata.name),
      [0, 1, 2].map((index) => `${trial.name}-00${index}`),
      "the order",
    );
    same([listed[0].kind, listed[0].apiVersion], [undefined, undefined], "kinds of items");
  }),
  check("items of lists of custom resources carry their kind", OWN, async (trial) => {
    const { collection, object, kind, apiVersion } = await define(trial);
    await trial.api.post(collection(), object(trial.name));
    like(answers(await trial.api.get(collection())), {
      kind: `${kind}List`,
      apiVersion,
      items: [{ kind, apiVersion }],
    });
  }),
  check("a list of all namespaces", OWN, async ({ api, path, name, ns }) => {
    await api.post(path("configmaps"), configMap(name));
    like(answers(await api.get(`/api/v1/configmaps?fieldSelector=metadata.name%3D${name}`)).items, [
      { metadata: { name, namespace: ns } },
    ]);
    same(
      (await api.get(`/api/v1/namespaces/${ns}/nodes`)).code,
      404,
      "the code of a cluster-wide kind in a namespace",
    );
  }),
  check(
    "a large answer is compressed where that is accepted",
    "reference/using-api/api-concepts: Response compression",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), configMap(name, { a: "x".repeat(200_000) }));
      const at = `${path("configmaps")}/${name}`;
      const answer = await api.get(at, { headers: { "accept-encoding": "gzip" } });
      same(
        [answer.headers["content-encoding"], answer.bytes.subarray(0, 2).toString("hex")],
        ["gzip", "1f8b"],
        "the encoding",
      );
      same((await api.get(at)).headers["content-encoding"], undefined, "the encoding unasked");
      same(
        (
          await api.get(`${path("configmaps")}?limit=1&labelSelector=no%3Dne`, {
            headers: { "accept-encoding": "gzip" },
          })
        ).headers["content-encoding"],
        undefined,
        "the encoding of a small answer",
      );
    },
  ),
  check(
    "answers are not to be cached, and carry an audit id",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      const { headers } = await api.get(path("configmaps"));
      same(headers["cache-control"], "no-cache, private", "cache-control");
      holds(/^[0-9a-f-]{36}$/.test(String(headers["audit-id"])), "there is an audit id");
    },
  ),
];

const chunks: readonly Check[] = [
  check(
    "lists come in chunks, all of one version",
    `${E2E}Servers with support for API chunking should return chunks of results for list calls`,
    async (trial) => {
      const { api, path, ns } = trial;
      const total = answers(await api.get(path("podtemplates"))).items.length;
      const template = {
        metadata: { labels: { a: "b" } },
        spec: { containers: [{ name: "a", image: "i" }] },
      };
      for (let index = 0; index < 40; index++)
        answers(
          await api.post(path("podtemplates"), {
            metadata: { name: `${trial.name}-${index}`, labels: { of: trial.name } },
            template,
          }),
          201,
        );
      const seen: string[] = [];
      let token = "";
      let version: string | undefined;
      do {
        const page = answers(
          await api.get(`/api/v1/namespaces/${ns}/podtemplates?limit=17&continue=${token}`),
        );
        version ??= page.metadata.resourceVersion;
        same(page.metadata.resourceVersion, version, "the version of a page");
        seen.push(...page.items.map(({ metadata }: Json) => metadata.name));
        token = page.metadata.continue ?? "";
        const left = total + 40 - seen.length;
        same(page.metadata.remainingItemCount, left > 0 ? left : undefined, "the number of items left");
      } while (token !== "");
      same([new Set(seen).size, seen.length], [total + 40, total + 40], "the number of items");
      like(answers(await api.delete(`${path("podtemplates")}?labelSelector=of%3D${trial.name}`)), {
        kind: "PodTemplateList",
      });
    },
  ),
  check("chunks keep to their version while objects come and go", CHUNKS, async (trial) => {
    const at = await maps(trial, 5);
    const first = answers(await trial.api.get(`${at}&limit=2`));
    await trial.api.delete(`${trial.path("configmaps")}/${trial.name}-004`);
    await trial.api.post(
      trial.path("configmaps"),
      configMap(`${trial.name}-0000`, {}, { labels: { of: trial.name } }),
    );
    const rest = answers(await trial.api.get(`${at}&limit=10&continue=${first.metadata.continue}`));
    same(
      rest.items.map(({ metadata }: Json) => metadata.name),
      [2, 3, 4].map((index) => `${trial.name}-00${index}`),
      "the rest",
    );
    same(first.metadata.remainingItemCount, undefined, "the count with a selector");
  }),
  check("a limit counts what matches", OWN, async (trial) => {
    const at = await maps(trial, 4);
    const page = answers(await trial.api.get(`${at}%2Cn%20in%20(1%2C3)&limit=1`));
    same(
      [page.items.length, page.items[0].metadata.labels.n, page.metadata.continue === undefined],
      [1, "1", false],
      "the page",
    );
  }),
  check("version 0 lists everything, whatever the limit", OWN, async (trial) => {
    const at = await maps(trial, 3);
    await eventually(async () =>
      same(
        answers(await trial.api.get(`${at}&limit=1&resourceVersion=0`)).items.length,
        3,
        "the number of items",
      ),
    );
  }),
  check("a token that makes no sense is refused", OWN, async ({ api, path }) => {
    refuses(await api.get(`${path("configmaps")}?limit=1&continue=abc`), 400, "continue key is not valid");
  }),
  check("a token goes without a version", OWN, async (trial) => {
    const at = await maps(trial, 2);
    const { metadata } = answers(await trial.api.get(`${at}&limit=1`));
    refuses(
      await trial.api.get(
        `${at}&limit=1&continue=${metadata.continue}&resourceVersion=${metadata.resourceVersion}`,
      ),
      400,
      "specifying resource version is not allowed when using continue",
    );
  }),
  check(
    "an expired token is 410, and brings one that goes on",
    `${E2E}Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away`,
    async (trial) => {
      const at = await maps(trial, 3);
      const first = answers(await trial.api.get(`${at}&limit=1`));
      const fields = JSON.parse(Buffer.from(first.metadata.continue, "base64url").toString());
      const token = Buffer.from(JSON.stringify({ ...fields, rv: 1 })).toString("base64url");
      let status: Json;
      await eventually(async () => {
        const answer = await trial.api.get(`${at}&limit=1&continue=${token}`);
        status = refuses(
          answer,
          410,
          "The provided continue parameter is too old to display a consistent list result.",
        );
      }, AGEING);
      like(status, { reason: "Expired", metadata: { continue: /./ } });
      const rest = answers(await trial.api.get(`${at}&limit=5&continue=${status.metadata.continue}`));
      same(
        rest.items.map(({ metadata }: Json) => metadata.name),
        [`${trial.name}-001`, `${trial.name}-002`],
        "the rest",
      );
    },
  ),
  check(
    "kubectl get --chunk-size goes through all chunks",
    "reference/kubectl/generated/kubectl_get",
    async (trial) => {
      await maps(trial, 5);
      const text = succeeded(
        await trial.tools.kubectl([
          "get",
          "cm",
          "-n",
          trial.ns,
          "-l",
          `of=${trial.name}`,
          "--chunk-size=2",
          "-o",
          "name",
        ]),
      );
      same(text.trim().split("\n").length, 5, "the number of lines");
    },
  ),
];

const selection: readonly Check[] = [
  check("label selectors: equality, sets, presence, comparison", SELECTORS, async (trial) => {
    await maps(trial, 4);
    const count = async (selector: string) =>
      answers(
        await trial.api.get(
          `${trial.path("configmaps")}?labelSelector=${encodeURIComponent(`of=${trial.name},${selector}`)}`,
        ),
      ).items.length;
    for (const [selector, wanted] of [
      ["n=1", 1],
      ["n==1", 1],
      ["n!=1", 3],
      ["n in (1,2)", 2],
      ["n notin (1,2)", 2],
      ["n", 4],
      ["!n", 0],
      ["n>1", 2],
      ["n<1", 1],
      ["missing!=x", 4],
      ["missing notin (x)", 4],
    ] as const) {
      same(await count(selector), wanted, `the count of ${selector}`);
    }
  }),
  check("a label selector that cannot be read is 400", OWN, async ({ api, path }) => {
    refuses(
      await api.get(`${path("configmaps")}?labelSelector=${encodeURIComponent("a in b")}`),
      400,
      "unable to parse requirement: found 'b' expected: '('",
    );
    refuses(await api.get(`${path("configmaps")}?labelSelector=${encodeURIComponent("a b=c")}`), 400);
  }),
  check("field selectors on name and namespace, and their negation", FIELDS, async (trial) => {
    await maps(trial, 3);
    const list = async (selector: string) =>
      answers(
        await trial.api.get(
          `${trial.path("configmaps")}?labelSelector=of%3D${trial.name}&fieldSelector=${encodeURIComponent(selector)}`,
        ),
      ).items.length;
    same(
      [
        await list(`metadata.name=${trial.name}-001`),
        await list(`metadata.name!=${trial.name}-001`),
        await list(`metadata.namespace=${trial.ns},metadata.name==${trial.name}-002`),
      ],
      [1, 2, 1],
      "counts",
    );
  }),
  check("an unknown field is 400", FIELDS, async ({ api, path }) => {
    refuses(
      await api.get(`${path("configmaps")}?fieldSelector=data.a%3Db`),
      400,
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    refuses(await api.get(`${path("configmaps")}?fieldSelector=a`), 400, "invalid selector");
  }),
  check("fields of each kind", `${FIELDS}: List of supported fields`, async ({ api, path, name }) => {
    await api.post(path("pods"), pod(name, { schedulerName: "nobody", nodeName: undefined }));
    await api.post(path("secrets"), { metadata: { name }, type: "example.com/t" });
    await api.post(path("services"), service(name, { clusterIP: "None" }));
    await api.post(path("events"), {
      metadata: { name },
      involvedObject: { kind: "Pod", name, namespace: path("x").split("/")[4] },
      reason: name,
      type: "Warning",
    });
    const rows = [
      ["pods", `spec.schedulerName=nobody,metadata.name=${name}`],
      ["pods", `status.phase=Pending,spec.restartPolicy=Always,metadata.name=${name}`],
      ["pods", `spec.nodeName=,metadata.name=${name}`],
      ["secrets", "type=example.com/t"],
      ["services", `spec.clusterIP=None,metadata.name=${name}`],
      ["services", `spec.type=ClusterIP,metadata.name=${name}`],
      ["events", `involvedObject.kind=Pod,involvedObject.name=${name},reason=${name},type=Warning`],
    ];
    for (const [resource, selector] of rows)
      same(
        answers(await api.get(`${path(resource ?? "")}?fieldSelector=${encodeURIComponent(selector ?? "")}`))
          .items.length,
        1,
        `the count of ${resource} ${selector}`,
      );
    same(
      answers(await api.get("/api/v1/namespaces?fieldSelector=status.phase%3DActive,metadata.name%3Ddefault"))
        .items.length,
      1,
      "the count of namespaces",
    );
    answers(await api.get(`${path("jobs", "batch/v1")}?fieldSelector=status.successful%3D0`));
    answers(await api.get(`${path("replicationcontrollers")}?fieldSelector=status.replicas%3D0`));
    answers(await api.get("/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue"));
    answers(
      await api.get(
        "/apis/certificates.k8s.io/v1/certificatesigningrequests?fieldSelector=spec.signerName%3Dx",
      ),
    );
  }),
  check("a name in the address and another in the selector is 400", OWN, async ({ api, path, name }) => {
    const watched = await api.get(
      `${path("configmaps").replace("/api/v1/", "/api/v1/watch/")}/${name}?fieldSelector=metadata.name%3Dother&timeoutSeconds=1`,
    );
    refuses(watched, 400, "fieldSelector metadata.name doesn't match requested name");
  }),
];

export const reading: readonly Check[] = [...versions, ...chunks, ...selection];
