import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveRecord } from "../live/live-record.js";
import type { DesiredObject } from "../render/desired-object.js";
import { budgetOf, checkBudget, DEFAULT_BUDGET, heldMessage } from "./budget.js";
import { recordAttempt } from "./history.js";
import { entriesToTrack } from "./inventory.js";
import { formatObjectId, parseObjectId } from "./object-id.js";
import { compareForApply, stageOf } from "./order.js";
import { planStages, type Sighting } from "./plan.js";
import { NO_POLICIES, type Policies, policiesOf } from "./policies.js";
import { planPrune, staleEntries } from "./prune.js";

const OWNER = { name: "app", namespace: "flux-system" };
const OWNER_LABELS = {
  "kustomize.toolkit.fluxcd.io/name": "app",
  "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
};

function desired(name: string, fields: Partial<DesiredObject> = {}): DesiredObject {
  const id = { group: "", kind: "ConfigMap", namespace: "n", name, ...fields };
  return {
    apiVersion: "v1",
    digest: "d1",
    json: "{}",
    policies: NO_POLICIES,
    selfDeleting: false,
    encrypted: false,
    id: formatObjectId(id),
    ...id,
  };
}

function record(
  fields: {
    uid?: string;
    owned?: string;
    rivals?: string[];
    policies?: Partial<Policies>;
    labels?: Record<string, string>;
    deleting?: boolean;
  } = {},
): LiveRecord {
  const {
    uid = "u",
    owned = "o1",
    rivals = [],
    policies = {},
    labels = OWNER_LABELS,
    deleting = false,
  } = fields;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "x",
      namespace: "n",
      uid,
      labels,
      ...(deleting ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    live: {
      owned,
      rivals,
      leftovers: [],
      policies: { ...NO_POLICIES, ...policies },
      health: { status: "Current", message: "" },
    },
  };
}

const expected = { digest: "d1", owned: "o1", uid: "u" };

function decide(sighting: Sighting, object = desired("a")) {
  return planStages([object], () => sighting, new Set())[0]?.steps[0]?.decision;
}

describe("planStages", () => {
  it.each<[string, Sighting, string]>([
    ["is new", { record: undefined, expected: undefined }, "apply"],
    ["was deleted by somebody", { record: undefined, expected }, "apply"],
    ["is as it was applied", { record: record(), expected }, "unchanged"],
    ["is declared differently", { record: record(), expected: { ...expected, digest: "d0" } }, "apply"],
    ["lost fields to somebody", { record: record({ owned: "o2" }), expected }, "repair"],
    ["was recreated by somebody", { record: record({ uid: "u2" }), expected }, "repair"],
    ["got fields from kubectl", { record: record({ rivals: ["kubectl-edit"] }), expected }, "repair"],
    [
      "shares its fields with kubectl",
      { record: record({ rivals: ["kubectl"], policies: { merge: true } }), expected },
      "unchanged",
    ],
    ["was applied by an earlier process", { record: record(), expected: undefined }, "verify"],
    ["is not followed", { record: "unknown", expected }, "verify"],
    ["is excluded where it lives", { record: record({ policies: { excluded: true } }), expected }, "skip"],
  ])("decides for an object that %s", (_, sighting, decision) => {
    expect(decide(sighting)).toBe(decision);
  });

  it("skips what asks to be skipped, and creates once what asks for that", () => {
    const excluded = desired("a", { policies: { ...NO_POLICIES, excluded: true } });
    expect(decide({ record: undefined, expected: undefined }, excluded)).toBe("skip");
    const once = desired("a", { policies: { ...NO_POLICIES, ifNotPresent: true } });
    expect(decide({ record: undefined, expected: undefined }, once)).toBe("apply");
    expect(decide({ record: record({ owned: "o2" }), expected }, once)).toBe("skip");
  });

  it("stages definitions, classes, named kinds and the rest, each in order", () => {
    const objects = [
      desired("web", { kind: "Deployment", group: "apps" }),
      desired("cert", { kind: "Certificate", group: "cert-manager.io" }),
      desired("sa", { kind: "ServiceAccount" }),
      desired("fast", { kind: "StorageClass", group: "storage.k8s.io" }),
      desired("ns", { kind: "Namespace" }),
      desired("crd", { kind: "CustomResourceDefinition", group: "apiextensions.k8s.io" }),
      desired("hook", { kind: "ValidatingWebhookConfiguration", group: "admissionregistration.k8s.io" }),
    ];
    const stages = planStages(
      objects,
      () => ({ record: undefined, expected: undefined }),
      new Set(["cert-manager.io/Certificate"]),
    );
    expect(stages.map((stage) => [stage.name, ...stage.steps.map((step) => step.desired.name)])).toEqual([
      ["definitions", "crd", "ns"],
      ["classes", "fast"],
      ["custom", "cert"],
      ["resources", "sa", "web", "hook"],
    ]);
  });

  it("orders the same whatever the order of the build", () => {
    const kinds = fc.constantFrom("ConfigMap", "Service", "Deployment", "Namespace", "Widget", "CronJob");
    const objects = fc.uniqueArray(fc.tuple(kinds, fc.constantFrom("a", "b", "c")), {
      selector: String,
      minLength: 2,
    });
    fc.assert(
      fc.property(objects, fc.infiniteStream(fc.nat()), (pairs, noise) => {
        const all = pairs.map(([kind, name]) => desired(name, { kind }));
        const shuffled = [...all].sort(() => ((noise.next().value ?? 0) % 3) - 1);
        const names = (list: DesiredObject[]) => [...list].sort(compareForApply).map((one) => one.id);
        expect(names(shuffled)).toEqual(names(all));
      }),
    );
  });
});

describe("object ids", () => {
  it("survive being written and read, also with the colons of RBAC", () => {
    const id = {
      namespace: "",
      name: "system:controller:x",
      group: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
    };
    expect(formatObjectId(id)).toBe("_system__controller__x_rbac.authorization.k8s.io_ClusterRole");
    expect(parseObjectId(formatObjectId(id))).toEqual(id);
    expect(parseObjectId("apps_web_apps_Deployment")).toEqual({
      namespace: "apps",
      name: "web",
      group: "apps",
      kind: "Deployment",
    });
    for (const wrong of ["", "a", "a_b", "a_b_c"]) expect(parseObjectId(wrong)).toBeUndefined();
  });

  it("stage by group as well as kind", () => {
    expect(stageOf({ group: "example.dev", kind: "Namespace" }, new Set())).toBe("resources");
    expect(stageOf({ group: "", kind: "Namespace" }, new Set())).toBe("definitions");
  });
});

describe("policiesOf", () => {
  it("compares without regard to case, in labels and annotations", () => {
    expect(policiesOf({ annotations: { "kustomize.toolkit.fluxcd.io/ssa": "IGNORE" } })).toMatchObject({
      excluded: true,
      keep: true,
    });
    expect(policiesOf({ labels: { "kustomize.toolkit.fluxcd.io/prune": "Disabled" } })).toMatchObject({
      excluded: false,
      keep: true,
    });
    expect(policiesOf({ labels: {} })).toEqual(NO_POLICIES);
  });
});

describe("planPrune", () => {
  const inventory = ["a", "b", "c"].map((name) => ({ id: `n_${name}__ConfigMap`, v: "v1" }));

  it("takes what left the inventory, lives and carries our labels", () => {
    const stale = staleEntries(inventory, new Set(["n_a__ConfigMap"]));
    const records = new Map([
      ["n_b__ConfigMap", record()],
      ["n_c__ConfigMap", record({ labels: {} })],
    ]);
    const doomed = planPrune(stale, OWNER, (entry) => records.get(entry.id));
    expect(doomed).toEqual([
      {
        id: "n_b__ConfigMap",
        group: "",
        kind: "ConfigMap",
        namespace: "n",
        name: "b",
        apiVersion: "v1",
        uid: "u",
      },
    ]);
  });

  it("keeps what asks to be kept, and what somebody else owns by now", () => {
    const keep = new Map([
      ["n_a__ConfigMap", record({ policies: { keep: true } })],
      [
        "n_b__ConfigMap",
        record({ labels: { ...OWNER_LABELS, "kustomize.toolkit.fluxcd.io/name": "other" } }),
      ],
    ]);
    expect(planPrune(inventory, OWNER, (entry) => keep.get(entry.id))).toEqual([]);
  });

  it("deletes in reverse order", () => {
    const entries = ["n_w_apps_Deployment", "_n__Namespace", "n_s__Service"].map((id) => ({ id, v: "v1" }));
    const kinds = planPrune(entries, OWNER, () => record()).map((one) => one.kind);
    expect(kinds).toEqual(["Deployment", "Service", "Namespace"]);
  });
});

describe("the deletion budget", () => {
  const doomed = (count: number) =>
    planPrune(
      Array.from({ length: count }, (_, index) => ({ id: `n_m${index}__ConfigMap`, v: "v1" })),
      OWNER,
      () => record(),
    );

  it.each([
    [5, 10, false],
    [6, 10, true],
    [9, 9, false],
    [0, 50, false],
  ])("for %i of %i objects holds: %s", (count, size, held) => {
    expect(checkBudget(doomed(count), size, new Set(), DEFAULT_BUDGET, undefined) !== undefined).toBe(held);
  });

  it("holds a container that still holds something, however few are deleted", () => {
    const held = checkBudget(doomed(1), 100, new Set(["n_m0__ConfigMap"]), DEFAULT_BUDGET, undefined);
    expect(held?.reasons).toEqual(["ConfigMap/n/m0 still holds something"]);
  });

  it("is approved by the digest of exactly this deletion", () => {
    const held = checkBudget(doomed(6), 10, new Set(), DEFAULT_BUDGET, undefined);
    expect(held).toBeDefined();
    expect(checkBudget(doomed(6), 10, new Set(), DEFAULT_BUDGET, held?.digest)).toBeUndefined();
    expect(checkBudget(doomed(7), 10, new Set(), DEFAULT_BUDGET, held?.digest)).toBeDefined();
    expect(heldMessage(held ?? { digest: "", reasons: [], objects: [] })).toContain(held?.digest ?? "-");
  });

  it("is set per object, and a typing error never deletes", () => {
    expect(budgetOf("off", DEFAULT_BUDGET)).toBe("off");
    expect(budgetOf("25%", DEFAULT_BUDGET)).toEqual({ ...DEFAULT_BUDGET, maxShare: 0.25 });
    expect(budgetOf("25%", "off")).toEqual({ ...DEFAULT_BUDGET, maxShare: 0.25 });
    for (const wrong of ["", "of", "150%", "half"])
      expect(budgetOf(wrong, DEFAULT_BUDGET)).toEqual(DEFAULT_BUDGET);
    expect(budgetOf(undefined, "off")).toBe("off");
  });
});

describe("recordAttempt", () => {
  const attempt = {
    digest: "d",
    result: "ReconciliationSucceeded",
    metadata: { revision: "r" },
    durationMs: 1500,
  };

  it("counts what repeats, and keeps the five newest", () => {
    let history = recordAttempt(undefined, attempt, 0);
    history = recordAttempt(history, { ...attempt, digest: "e" }, 1000);
    history = recordAttempt(history, attempt, 2000);
    expect(history).toMatchObject([
      {
        digest: "d",
        totalReconciliations: 2,
        firstReconciled: "1970-01-01T00:00:00Z",
        lastReconciled: "1970-01-01T00:00:02Z",
        lastReconciledDuration: "1.5s",
      },
      { digest: "e", totalReconciliations: 1 },
    ]);
    for (let index = 0; index < 9; index++)
      history = recordAttempt(history, { ...attempt, digest: `x${index}` }, 3000);
    expect(history).toHaveLength(5);
  });
});

describe("entriesToTrack", () => {
  it("adds what may be created to what is known, and says nothing where all is known", () => {
    const inventory = [{ id: "n_old__ConfigMap", v: "v1" }];
    expect(entriesToTrack(inventory, [desired("new")])).toEqual([
      ...inventory,
      { id: "n_new__ConfigMap", v: "v1" },
    ]);
    expect(entriesToTrack(inventory, [desired("old")])).toBeUndefined();
  });
});
