import { type ClientHttp2Session, connect } from "node:http2";
import { Api, TABLE } from "../api.js";
import { type AuditEvents, audited, readAuditLog } from "../audit-log.js";
import { answers, type Check, check, eventually, holds, same, type Trial } from "../check.js";
import { configMap } from "../samples.js";
import { tokenOf } from "./auditing.js";

const FAIRNESS = "concepts/cluster-administration/flow-control: fair queuing between the flows of a level";

const headers = { accept: TABLE };

/** Requests that one client has under way when the other sends its own. */
const CROWD = 200;
/** That many connections a client of the checks opens. */
const CONNECTIONS = 64;
/** So many that a Table of them takes the server a while. */
const OBJECTS = 200;

/** A name that the trial's requests are told by in the log. */
const marked = (path: string, { name }: Trial) => `${path}?includeObject=None&labelSelector=of%21%3D${name}`;

/** Two users that may list a crowd of objects, by their tokens. */
async function twoUsers(trial: Trial) {
  const { api, name } = trial;
  const maps = await audited(trial, "fairness");
  const users = [`greedy-${name}`, `modest-${name}`] as const;
  const tokens = await Promise.all(users.map((each) => tokenOf(trial, "fairness", each)));
  const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/audited-fairness/rolebindings";
  const subjects = users.map((each) => ({
    kind: "ServiceAccount",
    name: each,
    namespace: "audited-fairness",
  }));
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
  answers(await api.post(bindings, { metadata: { name }, roleRef, subjects }), 201);
  trial.after(() => api.delete(`${bindings}/${name}`));
  trial.after(() => api.delete(`${maps}?labelSelector=crowd%3D${name}`));
  const made = await Promise.all(
    Array.from({ length: OBJECTS }, (_, index) =>
      api.post(maps, configMap(`${name}-${index}`, { text: "x" }, { labels: { crowd: name } })),
    ),
  );
  for (const each of made) answers(each, 201);
  const [greedy = "", modest = ""] = tokens;
  await eventually(async () => {
    for (const token of [greedy, modest]) answers(await api.get(`${maps}/${name}-0`, { token }));
  });
  return { list: marked(maps, trial), greedy, modest };
}

/** The users of the lists of a trial, in the order in which these were answered. */
async function answeredOrder(trial: Trial, wanted: number): Promise<readonly string[]> {
  let lists: AuditEvents = [];
  await eventually(async () => {
    const all = await readAuditLog(trial);
    lists = all.filter(({ verb, requestURI }) => verb === "list" && requestURI.endsWith(trial.name));
    same(lists.length, wanted, "the number of lists that were answered");
  });
  for (const { responseStatus } of lists) same(responseStatus.code, 200, "the code");
  return lists.map(({ user }) => (user.username.includes(":greedy-") ? "greedy" : "modest"));
}

/** A list under way: when its answer begins, and when it ends. */
function listOver(session: ClientHttp2Session, path: string, token: string) {
  const stream = session.request({ ":path": path, authorization: `Bearer ${token}`, accept: TABLE });
  const begun = new Promise<void>((resolve, reject) => {
    stream.on("error", reject).on("response", () => resolve());
  });
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("error", reject).on("end", resolve).resume();
  });
  return { begun, ended };
}

/** Half of those that came first are still to be answered when the other user is. */
function overtakes(order: readonly string[], waiting: number): void {
  const at = order.indexOf("modest");
  holds(
    at >= 0 && at < waiting / 2,
    `the other user's only request is answered as number ${at} of ${order.length}`,
  );
}

export const fairnessChecks: readonly Check[] = [
  check(
    "one client's many requests over one connection do not hold up another's",
    FAIRNESS,
    async (trial) => {
      const { list, greedy, modest } = await twoUsers(trial);
      const [many, one] = [0, 1].map(() => {
        const session = connect(trial.api.server, { rejectUnauthorized: false });
        trial.after(() => session.destroy());
        return session;
      }) as [ClientHttp2Session, ClientHttp2Session];
      const other = list.split("?")[0] ?? "";
      // Both are connected and known by then.
      await Promise.all([
        listOver(many, `${other}?limit=1`, greedy).ended,
        listOver(one, `${other}?limit=1`, modest).ended,
      ]);
      const crowd = Array.from({ length: CROWD }, () => listOver(many, list, greedy));
      // The crowd is there before the other user asks.
      await Promise.race(crowd.map(({ begun }) => begun));
      await Promise.all([...crowd, listOver(one, list, modest)].map(({ ended }) => ended));
      overtakes(await answeredOrder(trial, CROWD + 1), CROWD);
    },
    "process",
    "audit",
  ),
  check(
    "one client's many connections do not hold up another's",
    FAIRNESS,
    async (trial) => {
      const { list, greedy, modest } = await twoUsers(trial);
      const [many, one] = [0, 1].map(() => {
        const api = new Api(trial.home.kubeconfig);
        trial.after(() => api.close());
        return api;
      }) as [Api, Api];
      const ready = list.split("?")[0] ?? "";
      const connected = Array.from({ length: CONNECTIONS }, () =>
        many.get(`${ready}?limit=1`, { token: greedy }),
      );
      for (const answer of await Promise.all([...connected, one.get(`${ready}?limit=1`, { token: modest })]))
        answers(answer);
      const crowd = Array.from({ length: CROWD }, () => many.get(list, { token: greedy, headers }));
      await Promise.race(crowd);
      for (const answer of await Promise.all([...crowd, one.get(list, { token: modest, headers })]))
        answers(answer);
      overtakes(await answeredOrder(trial, CROWD + 1), CONNECTIONS);
    },
    "process",
    "audit",
  ),
  check(
    "whoever waits for a crowd is told of health meanwhile",
    "reference/using-api/health-checks; flow-control: exempt requests",
    async (trial) => {
      const { list, greedy } = await twoUsers(trial);
      const many = new Api(trial.home.kubeconfig);
      trial.after(() => many.close());
      let open = CROWD;
      const crowd = Array.from({ length: CROWD }, async () => {
        answers(await many.get(list, { token: greedy, headers }));
        open--;
      });
      same((await trial.api.get("/readyz")).text, "ok", "what is said of health");
      holds(open > CROWD / 2, `when health is told, ${open} of ${CROWD} others still wait`);
      await Promise.all(crowd);
    },
    "process",
    "audit",
  ),
];
