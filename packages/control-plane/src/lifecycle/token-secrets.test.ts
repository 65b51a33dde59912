import type { ApiRequest, KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const SECRETS = "/api/v1/namespaces/default/secrets";

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await testControlPlane();
});
afterEach(() => plane.close());

async function call(method: ApiRequest["method"], path: string, body?: unknown) {
  const contentType = method === "PATCH" ? { contentType: "application/merge-patch+json" } : {};
  const { status, body: answer } = await plane.transport().request({ method, path, body, ...contentType });
  return { status, body: answer as KubeObject & { data?: Record<string, string>; status?: unknown } };
}

const account = (name: string) =>
  call("POST", ACCOUNTS, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
const secret = (name: string, of: string) =>
  call("POST", SECRETS, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, annotations: { "kubernetes.io/service-account.name": of } },
    type: "kubernetes.io/service-account-token",
  });
const read = async (name: string) => (await call("GET", `${SECRETS}/${name}`)).body;
const gone = (name: string) =>
  vi.waitFor(async () => expect((await call("GET", `${SECRETS}/${name}`)).status).toBe(404));

async function filled(name: string): Promise<string> {
  let token = "";
  await vi.waitFor(async () => {
    token = Buffer.from((await read(name)).data?.["token"] ?? "", "base64").toString();
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
  return token;
}

async function review(token: string) {
  const { body } = await call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token },
  });
  return body.status;
}

it("fills a secret with a token that is its account", async () => {
  const { uid } = (await account("bot")).body.metadata;
  await secret("bot-token", "bot");
  const token = await filled("bot-token");
  const { data, metadata } = await read("bot-token");
  expect(data?.["namespace"]).toBe(Buffer.from("default").toString("base64"));
  expect(metadata.annotations?.["kubernetes.io/service-account.uid"]).toBe(uid);
  expect(await review(token)).toMatchObject({
    authenticated: true,
    user: { username: "system:serviceaccount:default:bot", uid },
  });
  const label = "kubernetes.io/legacy-token-last-used";
  await vi.waitFor(async () =>
    expect((await read("bot-token")).metadata.labels?.[label]).toMatch(/^\d{4}-\d\d-\d\d$/),
  );
});

it("gives a token that was taken away anew; the former is worth nothing", async () => {
  await account("bot");
  await secret("bot-token", "bot");
  const former = await filled("bot-token");
  await call("PATCH", `${SECRETS}/bot-token`, { data: { token: null } });
  const token = await filled("bot-token");
  expect(token).not.toBe(former);
  expect(await review(former)).toMatchObject({
    error: "[invalid bearer token, Token does not match server's copy]",
  });
});

it("refuses a token that is marked invalid", async () => {
  await account("bot");
  await secret("bot-token", "bot");
  const token = await filled("bot-token");
  const labels = { "kubernetes.io/legacy-token-invalid-since": "2026-01-01" };
  await call("PATCH", `${SECRETS}/bot-token`, { metadata: { labels } });
  expect(JSON.stringify(await review(token))).toContain("has been marked invalid");
});

it("deletes secrets of accounts that are gone, or never were", async () => {
  await account("bot");
  await secret("bot-token", "bot");
  const token = await filled("bot-token");
  await secret("orphan", "nobody");
  await gone("orphan");
  await call("DELETE", `${ACCOUNTS}/bot`);
  await gone("bot-token");
  expect(await review(token)).toMatchObject({ error: "[invalid bearer token, Token has been invalidated]" });
});
