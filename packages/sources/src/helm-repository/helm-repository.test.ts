import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { conditionOf, isReadyNow, listen, startHome } from "../testing/home.js";

const INDEX = `apiVersion: v1
generated: "2026-01-01T00:00:00Z"
entries:
  app:
  - {name: app, version: 1.0.0, urls: [app-1.0.0.tgz]}
  - {name: app, version: 1.10.0, urls: [app-1.10.0.tgz]}
  - {name: app, version: not-a-version}
  - {name: other, version: 1.5.0}
  broken: nonsense
`;

async function repository(index: { text: string }, password?: string) {
  const requests: string[] = [];
  const host = await listen((request, response) => {
    const expected = `Basic ${Buffer.from(`ada:${password}`).toString("base64")}`;
    if (password !== undefined && request.headers.authorization !== expected)
      return void response.writeHead(401).end();
    const etag = `"${index.text.length}"`;
    requests.push(`${request.url} ${request.headers["if-none-match"] === etag ? 304 : 200}`);
    if (!request.url?.startsWith("/charts/index.yaml")) return void response.writeHead(404).end();
    response.setHeader("ETag", etag);
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.end(index.text);
  });
  return { url: `http://${host}/charts`, requests };
}

describe("HelmRepository", () => {
  it("stores the index in one form, and asks whether it changed", async () => {
    const index = { text: INDEX };
    const { url, requests } = await repository(index);
    const home = await startHome();
    const source = home.of("HelmRepository");
    await source.create({ url: `${url}/?channel=stable` });
    const object = await source.until(isReadyNow);
    const { artifact } = object.status!;
    const stored = JSON.parse(await readFile(home.storage.fileOf(artifact!.path), "utf8"));
    expect(stored.entries).toEqual({
      app: [
        { name: "app", version: "1.10.0", urls: ["app-1.10.0.tgz"] },
        { name: "app", version: "1.0.0", urls: ["app-1.0.0.tgz"] },
      ],
    });
    expect(artifact!.path).toBe(`helmrepository/default/demo/index-${artifact!.revision.slice(7)}.yaml`);
    expect((await fetch(object.status!.url!)).status).toBe(200);
    await source.reconcile("1");
    expect(requests).toEqual([
      "/charts/index.yaml?channel=stable 200",
      "/charts/index.yaml?channel=stable 304",
    ]);
    index.text += "# more\n";
    expect((await source.reconcile("2")).status?.artifact).toEqual(artifact);
    index.text = INDEX.replace("1.10.0", "1.11.0");
    expect((await source.reconcile("3")).status?.artifact?.revision).not.toBe(artifact!.revision);
  });

  it("logs in, and says when that fails", async () => {
    const { url } = await repository({ text: INDEX }, "hunter2");
    const home = await startHome();
    await home.secret("good", { username: "ada", password: "hunter2" });
    await home.secret("bad", { username: "ada", password: "wrong-hunter2" });
    await home.secret("half", { password: "hunter2" });
    const source = home.of("HelmRepository");
    await source.create({ url, secretRef: { name: "bad" } });
    const refused = await source.until((object) => conditionOf(object, "Ready")?.reason === "Failed");
    expect(JSON.stringify(refused)).not.toContain("hunter2");
    await source.patch({ spec: { secretRef: { name: "half" } } });
    await source.until((object) => conditionOf(object, "Ready")?.reason === "AuthenticationFailed");
    await source.patch({ spec: { secretRef: { name: "good" } } });
    await source.until(isReadyNow);
  });

  it.each([
    [{ url: "oci://example.com/charts" }, "URLInvalid"],
    [{ url: "http://u:hunter2@example.com/charts" }, "URLInvalid"],
    [{ url: "http://127.0.0.1:1/charts" }, "Failed"],
  ])("says what is wrong with %j", async (spec, reason) => {
    const home = await startHome();
    const source = home.of("HelmRepository");
    await source.create(spec);
    const object = await source.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
    expect(conditionOf(object, "Ready")).toMatchObject({ reason });
    expect(JSON.stringify(object.status)).not.toContain("hunter2");
  });

  it.each(["", "entries: {}", "apiVersion: v1\nentries: [", "apiVersion: v1\nentries: text", "- a"])(
    "calls the index %j unusable",
    async (text) => {
      const { url } = await repository({ text });
      const home = await startHome();
      const source = home.of("HelmRepository");
      await source.create({ url });
      const object = await source.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
      expect(conditionOf(object, "Ready")).toMatchObject({ reason: "IndexationFailed" });
    },
  );

  it("leaves one of type oci alone, and clears what it had before", async () => {
    const { url } = await repository({ text: INDEX });
    const home = await startHome();
    const source = home.of("HelmRepository");
    await source.create({ url });
    const before = await source.until(isReadyNow);
    await source.patch({ spec: { type: "oci", url: "oci://example.com/charts" } });
    const cleared = await source.until((object) => (object.metadata.finalizers ?? []).length === 0);
    expect(
      (await source.until((object) => object.status?.artifact === undefined)).status?.conditions ?? [],
    ).toEqual([]);
    expect(await home.storage.verify(before.status!.artifact!)).toBe("missing");
    expect(cleared.metadata.deletionTimestamp).toBeUndefined();
  });
});
