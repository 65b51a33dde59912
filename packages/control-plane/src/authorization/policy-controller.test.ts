import type { KubeObject, Status } from "@capstan/kube";
import { afterEach, describe, expect, it } from "vitest";
import type { User } from "../registry/ports.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

let plane: TestControlPlane | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const alice: User = { name: "alice", groups: ["system:authenticated"] };

const roleBinding = (role: string): KubeObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "alice", namespace: "default" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
  subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "alice" }],
});

describe("PolicyController", () => {
  it("lets users do what stored bindings grant, from the moment they are stored", async () => {
    plane = await testControlPlane();
    const [admin, user] = [plane.transport(), plane.transport(alice)];
    const list = () => user.request({ method: "GET", path: "/api/v1/namespaces/default/configmaps" });
    const refused = await list();
    expect([refused.status, (refused.body as Status).message]).toEqual([
      403,
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"',
    ]);
    const path = `${RBAC}/namespaces/default/rolebindings`;
    expect((await admin.request({ method: "POST", path, body: roleBinding("view") })).status).toBe(201);
    expect((await list()).status).toBe(200);
    await admin.request({ method: "DELETE", path: `${path}/alice` });
    expect((await list()).status).toBe(403);
  });

  it("keeps aggregated roles filled", async () => {
    plane = await testControlPlane();
    const admin = plane.transport();
    const labels = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
    const rules = [{ apiGroups: ["example.com"], resources: ["widgets"], verbs: ["get"] }];
    const body = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "widgets", labels },
      rules,
    };
    await admin.request({ method: "POST", path: `${RBAC}/clusterroles`, body });
    for (let i = 0; i < 1_000; i++) {
      const { body: admins } = await admin.request({ method: "GET", path: `${RBAC}/clusterroles/admin` });
      if (JSON.stringify(admins).includes("widgets")) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error("the role was not filled");
  });

  it("stops users from granting what they do not hold", async () => {
    plane = await testControlPlane();
    const [admin, user] = [plane.transport(), plane.transport(alice)];
    const path = `${RBAC}/namespaces/default/rolebindings`;
    await admin.request({ method: "POST", path, body: roleBinding("admin") });
    const grab = { ...roleBinding("cluster-admin"), metadata: { name: "grab", namespace: "default" } };
    const refused = await user.request({ method: "POST", path, body: grab });
    expect([refused.status, (refused.body as Status).message]).toEqual([
      403,
      expect.stringContaining("is attempting to grant RBAC permissions not currently held:\n"),
    ]);
    const fine = { ...roleBinding("edit"), metadata: { name: "fine", namespace: "default" } };
    expect((await user.request({ method: "POST", path, body: fine })).status).toBe(201);
  });
});
