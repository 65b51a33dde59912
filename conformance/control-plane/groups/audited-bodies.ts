import { APPLY_PATCH, MERGE_PATCH, TABLE } from "../api.js";
import { audited, eventOf, eventsOf } from "../audit-log.js";
import { answers, type Check, check, like, same } from "../check.js";
import { audit, typed } from "./auditing.js";

const EVENT = "reference/config-api/apiserver-audit.v1: Event";
const OWN = "observed on a kube-apiserver 1.35: requests";

export const auditedBodyChecks: readonly Check[] = [
  check(
    "what is sent is written down as it was read: typed, with defaults, without the unknown",
    OWN,
    async (trial) => {
      const { api, name } = trial;
      const at = await audited(trial, "request", "services");
      trial.after(() => api.delete(`${at}/${name}`));
      const service = { metadata: { name }, spec: { ports: [{ port: 80 }] }, other: 1 };
      const event = await eventOf(trial, await api.post(at, service));
      like(event.requestObject, {
        kind: "Service",
        apiVersion: "v1",
        metadata: { name, namespace: undefined },
        spec: {
          type: "ClusterIP",
          sessionAffinity: "None",
          ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
        },
        status: { loadBalancer: {} },
        other: undefined,
      });
    },
  ),
  check("options of deletions are written down with their type", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "request");
    answers(await api.post(at, typed(name)), 201);
    const event = await eventOf(
      trial,
      await api.delete(`${at}/${name}`, { propagationPolicy: "Background" }),
    );
    const wanted = {
      kind: "DeleteOptions",
      apiVersion: "meta.k8s.io/__internal",
      propagationPolicy: "Background",
    };
    same(event.requestObject, wanted, "the options");
  }),
  check("nothing is written down of what was not read", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "request");
    const [unreadable, refused] = await eventsOf(
      trial,
      1,
      await api.post(at, { ...typed(name), data: { k: 1 } }),
      await api.post(at, typed(name), { as: "audited-nobody" }),
    );
    like(unreadable, {
      responseStatus: { code: 400 },
      requestObject: undefined,
      objectRef: { name: undefined },
    });
    like(refused, {
      responseStatus: { code: 403 },
      requestObject: undefined,
      objectRef: { name: undefined },
    });
  }),
  check("answers are written down in the view that was asked for", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "response");
    trial.after(() => api.delete(`${at}/${name}`));
    answers(await api.post(at, typed(name)), 201);
    const selected = `${at}?fieldSelector=metadata.name%3D${name}`;
    const [one, all] = await eventsOf(
      trial,
      1,
      await api.get(`${at}/${name}`, { headers: { accept: TABLE } }),
      await api.get(selected, { headers: { accept: TABLE } }),
    );
    for (const { responseObject, objectRef } of [one, all]) {
      like(responseObject, { kind: "Table", rows: [{ object: { kind: "PartialObjectMetadata" } }] });
      same(objectRef.name, name, "the name in the reference");
    }
  }),
  check("versions on their way out are told of", `${EVENT}: annotations`, async (trial) => {
    const at = await audited(trial, "metadata", "endpoints");
    const event = await eventOf(trial, await trial.api.get(`${at}?labelSelector=a%3Db`));
    same(event.annotations["k8s.io/deprecated"], "true", "the annotation");
  }),
  check("patches are written down as they were sent", OWN, async (trial) => {
    const { api, name } = trial;
    const at = await audited(trial, "request");
    trial.after(() => api.delete(`${at}/${name}`));
    const patch = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { l: "z" } };
    const applied = await api.patch(`${at}/${name}?fieldManager=m&force=true`, APPLY_PATCH, patch);
    const merged = await api.patch(`${at}/${name}`, MERGE_PATCH, { data: { l: null } });
    const [first, second] = await eventsOf(trial, 1, applied, merged);
    same(first.requestObject, patch, "what was applied");
    same(second.requestObject, { data: { l: null } }, "what was merged");
  }),
].map(audit);
