import { Api, type Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { configMap } from "../samples.js";

const HEALTH = "reference/using-api/health-checks";
const METRICS = "reference/instrumentation/metrics";
const OWN = "observed on a kube-apiserver 1.35: ";

export const operations: readonly Check[] = [
  check("/livez, /readyz and /healthz say ok, in words when asked", HEALTH, async ({ api }) => {
    for (const path of ["/livez", "/readyz", "/healthz"]) {
      const answer = await api.get(path);
      same(
        [answer.code, answer.text, answer.headers["content-type"], answer.headers["x-content-type-options"]],
        [200, "ok", "text/plain; charset=utf-8", "nosniff"],
        path,
      );
      const verbose = await api.get(`${path}?verbose`);
      holds(
        /^\[\+\]ping ok$/m.test(verbose.text) &&
          verbose.text.trimEnd().endsWith(`${path.slice(1)} check passed`),
        verbose.text,
      );
    }
  }),
  check("single health checks, and ones left out", HEALTH, async ({ api }) => {
    same((await api.get("/livez/ping")).text, "ok", "one check");
    holds(
      (await api.get("/readyz?verbose&exclude=ping")).text.includes("[+]ping excluded: ok"),
      "one is left out",
    );
    holds(
      (await api.get("/readyz?verbose&exclude=none")).text.includes(
        'warn: some health checks cannot be excluded: no matches for "none"',
      ),
      "an unknown one is told",
    );
    same((await api.get("/livez/none-such")).code, 404, "the code of an unknown check");
  }),
  check("/metrics has the API server's names", METRICS, async ({ api }) => {
    const { text, headers } = await api.get("/metrics");
    holds(String(headers["content-type"]).startsWith("text/plain"), "it is text");
    for (const name of [
      "apiserver_request_total",
      "apiserver_request_duration_seconds",
      "apiserver_current_inflight_requests",
    ])
      holds(text.includes(`# TYPE ${name} `), `${name} is there`);
  }),
  check("a request's own timeout is kept", `${OWN}requests`, async ({ api, path }) => {
    refuses(
      await api.get(`${path("configmaps")}?timeout=abc`),
      400,
      "invalid timeout specified in the request URL",
    );
    answers(await api.get(`${path("configmaps")}?timeout=10s`));
  }),
  check("what is no path of the API is 404", `${OWN}requests`, async ({ api }) => {
    for (const path of [
      "/nothing",
      "/api/v2",
      "/apis/apps/v9/deployments",
      "/api/v1/namespaces/default/nothings/x",
    ])
      same((await api.get(path)).code, 404, `the code of ${path}`);
  }),
  check(
    "hostile bodies are refused, and change nothing",
    "concepts/security: request size and depth",
    async ({ api, path, name }) => {
      const bodies = [
        '{"__proto__":{"polluted":1}}',
        `{"metadata":{"name":"${name}"},"data":{"__proto__":"x"}}`,
        `{"metadata":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
        "null",
        "[]",
        '"x"',
        "5",
        "\u0000",
        `{"metadata":{"name":"${"x".repeat(5_000)}"}}`,
      ];
      for (const body of bodies) {
        const { code } = await api.post(`${path("configmaps")}?dryRun=All`, body);
        holds(code < 500, `${body.slice(0, 30)} answers ${code}`);
      }
      same(({} as Json).polluted, undefined, "a property of every object");
      answers(await api.get(path("configmaps")));
    },
  ),
  check(
    "acknowledged writes survive a killed process",
    `${OWN}durability`,
    async ({ api, home, path, name }) => {
      const writes = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          api.post(
            path("configmaps"),
            configMap(`${name}-${index}`, { n: String(index) }, { labels: { of: name } }),
          ),
        ),
      );
      for (const each of writes) answers(each, 201);
      const versions = writes.map(({ json }) => Number(json.metadata.resourceVersion));
      await home.restart("SIGKILL");
      const again = new Api(home.kubeconfig);
      try {
        await eventually(async () => {
          const { items, metadata } = answers(
            await again.get(`${path("configmaps")}?labelSelector=of%3D${name}`),
          );
          same(
            items.map(({ metadata: { resourceVersion } }: Json) => Number(resourceVersion)).sort(),
            [...versions].sort(),
            "versions",
          );
          holds(Number(metadata.resourceVersion) >= Math.max(...versions), "versions go on rising");
        }, 20_000);
      } finally {
        again.close();
      }
    },
    "process",
  ),
  check(
    "definitions, tokens and watches go on after a restart",
    `${OWN}durability`,
    async (trial) => {
      const { home, path, name, ns } = trial;
      const before = new Api(home.kubeconfig);
      const { collection, object, plural, group } = await define(
        { ...trial, api: before },
        { scope: "Namespaced" },
      );
      answers(await before.post(collection(), object(name, { spec: { a: 1 } })), 201);
      answers(await before.post(path("serviceaccounts"), { metadata: { name } }), 201);
      const { status } = answers(await before.post(`${path("serviceaccounts")}/${name}/token`, {}), 201);
      const { metadata } = answers(await before.get(path("configmaps")));
      before.close();
      await home.restart("SIGTERM");
      const api = new Api(home.kubeconfig);
      try {
        await eventually(
          async () =>
            like(answers(await api.get(`/apis/${group}/v1/namespaces/${ns}/${plural}/${name}`)), {
              spec: { a: 1 },
            }),
          20_000,
        );
        const who = await api.post(
          "/apis/authentication.k8s.io/v1/selfsubjectreviews",
          {},
          { token: status.token },
        );
        like(answers(who, 201), {
          status: { userInfo: { username: `system:serviceaccount:${ns}:${name}` } },
        });
        const watch = await api.watch(
          `${path("configmaps")}?watch=true&resourceVersion=${metadata.resourceVersion}`,
        );
        answers(await api.post(path("configmaps"), configMap(`${name}-after`)), 201);
        await watch.find(
          ({ type, object: { metadata: seen } }) => type === "ADDED" && seen.name === `${name}-after`,
        );
        watch.close();
      } finally {
        api.close();
      }
    },
    "process",
  ),
];
