import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AwsV4Signer } from "aws4fetch";
import { describe, expect, it } from "vitest";
import { conditionOf, isReadyNow, listen, startHome } from "../testing/home.js";
import { revisionOf } from "./fetch.js";
import { parseListing } from "./s3-listing.js";

const KEYS = { accesskey: "AKID", secretkey: "hunter2" };

/** An S3 server in memory that checks signatures where it has keys, and lists in pages of two. */
async function storage(objects: Map<string, string>, keys?: typeof KEYS) {
  const requests: string[] = [];
  const etag = (text: string) => createHash("md5").update(text).digest("hex");
  const encode = (text: string) => encodeURIComponent(text).replaceAll("%2F", "/");
  const host: string = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", `http://${host}`);
    requests.push(url.pathname);
    if (keys !== undefined && !(await isSigned(url, request.headers, keys))) {
      return void response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
    }
    const [, bucket, ...rest] = url.pathname.split("/").map(decodeURIComponent);
    if (bucket !== "data")
      return void response.writeHead(404).end("<Error><Code>NoSuchBucket</Code></Error>");
    const key = rest.join("/");
    if (key !== "") {
      const text = objects.get(key);
      if (text === undefined) return void response.writeHead(404).end();
      return void response.setHeader("ETag", `"${etag(text)}"`).end(text);
    }
    const prefix = url.searchParams.get("prefix") ?? "";
    const all = [...objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    const from = Number(url.searchParams.get("continuation-token") ?? 0);
    const contents = all.slice(from, from + 2).map((name) => {
      const text = objects.get(name) ?? "";
      return `<Contents><Key>${encode(name)}</Key><ETag>&quot;${etag(text)}&quot;</ETag><Size>${text.length}</Size></Contents>`;
    });
    const more = from + 2 < all.length;
    const next = more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : "";
    const head = `<EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${next}`;
    response.end(
      `<?xml version="1.0"?><ListBucketResult xmlns="x">${head}${contents.join("")}</ListBucketResult>`,
    );
  });
  return { endpoint: host, requests, etag };
}

async function isSigned(
  url: URL,
  headers: NodeJS.Dict<string | string[]>,
  keys: typeof KEYS,
): Promise<boolean> {
  const signer = new AwsV4Signer({
    url: url.href,
    accessKeyId: keys.accesskey,
    secretAccessKey: keys.secretkey,
    service: "s3",
    region: "eu-central-1",
    datetime: String(headers["x-amz-date"]),
    headers: { "x-amz-content-sha256": String(headers["x-amz-content-sha256"]) },
  });
  return (await signer.sign()).headers.get("authorization") === headers["authorization"];
}

describe("Bucket", () => {
  it("offers what the bucket holds, and downloads nothing while etags stand still", async () => {
    const objects = new Map([
      ["a.yaml", "a: 1"],
      ["dir/b c+d.yaml", "b: 2"],
      ["dir/", ""],
      ["logo.png", "x"],
    ]);
    const { endpoint, requests, etag } = await storage(objects, KEYS);
    const home = await startHome();
    await home.secret("keys", KEYS);
    const source = home.of("Bucket");
    const spec = {
      bucketName: "data",
      endpoint,
      insecure: true,
      region: "eu-central-1",
      secretRef: { name: "keys" },
    };
    await source.create(spec);
    const object = await source.until(isReadyNow);
    const lines = ["a.yaml", "dir/b c+d.yaml", "logo.png"].map(
      (key) => `${key} ${etag(objects.get(key)!)}\n`,
    );
    const revision = `sha256:${createHash("sha256").update(lines.join("")).digest("hex")}`;
    expect(object.status?.artifact).toMatchObject({
      revision,
      path: `bucket/default/demo/${revision.slice(7)}.tar.gz`,
    });
    await home.reader.using(object.status!.artifact!, async (directory) => {
      expect((await readdir(directory, { recursive: true })).sort()).toEqual([
        "a.yaml",
        "dir",
        "dir/b c+d.yaml",
        "logo.png",
      ]);
      expect(await readFile(join(directory, "dir/b c+d.yaml"), "utf8")).toBe("b: 2");
    });
    const before = requests.length;
    await source.reconcile("1");
    expect(requests.slice(before)).toEqual(["/data", "/data"]);
    objects.set("a.yaml", "a: 2");
    expect((await source.reconcile("2")).status?.artifact?.revision).not.toBe(revision);
  });

  it("leaves out ignored keys, also by its own .sourceignore, and other prefixes", async () => {
    const objects = new Map([
      ["app/a.yaml", "1"],
      ["app/b.md", "2"],
      ["app/c.txt", "3"],
      ["other/d.yaml", "4"],
    ]);
    const { endpoint } = await storage(objects);
    const home = await startHome();
    const source = home.of("Bucket");
    await source.create({ bucketName: "data", endpoint, insecure: true, prefix: "app/", ignore: "*.md" });
    const files = async () => {
      const object = await source.until(isReadyNow);
      return (
        await home.reader.using(object.status!.artifact!, (directory) =>
          readdir(directory, { recursive: true }),
        )
      ).sort();
    };
    expect(await files()).toEqual(["app", "app/a.yaml", "app/c.txt"]);
    objects.set(".sourceignore", "*.txt");
    await source.patch({ spec: { prefix: null } });
    await source.until((object) => object.status?.observedGeneration === 2);
    expect(await files()).toEqual(["app", "app/a.yaml", "other", "other/d.yaml"]);
  });

  it("offers an empty bucket as an empty artifact", async () => {
    const { endpoint } = await storage(new Map());
    const home = await startHome();
    const source = home.of("Bucket");
    await source.create({ bucketName: "data", endpoint, insecure: true });
    const object = await source.until(isReadyNow);
    expect(await home.reader.using(object.status!.artifact!, (directory) => readdir(directory))).toEqual([]);
  });

  it.each([
    [{ bucketName: "nope" }, "BucketOperationFailed", "bucket 'nope' not found"],
    [{ secretRef: { name: "bad" } }, "BucketOperationFailed", "403 SignatureDoesNotMatch"],
    [{ secretRef: { name: "half" } }, "AuthenticationFailed", "required fields 'accesskey' and 'secretkey'"],
    [{ secretRef: { name: "gone" } }, "AuthenticationFailed", `secrets "gone" not found`],
    [{ endpoint: "http://x/y" }, "BucketOperationFailed", "is not a host"],
    [{ endpoint: "127.0.0.1:1" }, "BucketOperationFailed", "cannot be reached"],
    [{ provider: "azure" }, "BucketOperationFailed", "is not a URL"],
  ])("says what is wrong with %j", async (spec, reason, message) => {
    const { endpoint } = await storage(new Map([["a", "1"]]), KEYS);
    const home = await startHome();
    await home.secret("good", KEYS);
    await home.secret("bad", { ...KEYS, secretkey: "wrong-hunter2" });
    await home.secret("half", { accesskey: "x" });
    const source = home.of("Bucket");
    const valid = {
      bucketName: "data",
      endpoint,
      insecure: true,
      region: "eu-central-1",
      secretRef: { name: "good" },
    };
    await source.create({ ...valid, ...spec });
    const object = await source.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
    expect(conditionOf(object, "Ready")).toMatchObject({ reason, message: expect.stringContaining(message) });
    expect(JSON.stringify(object.status)).not.toContain("hunter2");
  });

  it("refuses a key that would leave the tree", async () => {
    const { endpoint } = await storage(new Map([["a/../../evil", "1"]]));
    const home = await startHome();
    const source = home.of("Bucket");
    await source.create({ bucketName: "data", endpoint, insecure: true });
    const object = await source.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
    expect(conditionOf(object, "Ready")).toMatchObject({ reason: "BucketOperationFailed" });
  });
});

describe("parseListing", () => {
  it("decodes entities and keys", () => {
    const xml =
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a&amp;b &#x2F; c</Key><ETag>&quot;e&quot;</ETag><Size>3</Size></Contents></ListBucketResult>";
    expect(parseListing(xml)).toEqual({ objects: [{ key: "a&b / c", etag: "e", size: 3 }], next: undefined });
  });

  it.each(["", "<html>", "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>"])(
    "refuses %j",
    (xml) => {
      expect(() => parseListing(xml)).toThrow(/listing/);
    },
  );
});

it("revisionOf orders keys by their bytes", () => {
  const one = revisionOf(
    new Map([
      ["a", "1"],
      ["B", "2"],
    ]),
  );
  const two = revisionOf(
    new Map([
      ["B", "2"],
      ["a", "1"],
    ]),
  );
  expect(one).toBe(two);
  expect(one).toBe(`sha256:${createHash("sha256").update("B 2\na 1\n").digest("hex")}`);
});

it("says what was asked for when that fails, and when keys cannot lie beside each other", async () => {
  const objects = new Map([
    ["a", "1"],
    ["a/b", "2"],
  ]);
  const { endpoint } = await storage(objects);
  const home = await startHome();
  const source = home.of("Bucket");
  await source.create({ endpoint, bucketName: "data", insecure: true });
  const clash = await source.until((object) => conditionOf(object, "Ready")?.status === "False");
  expect(conditionOf(clash, "Ready")?.message).toMatch(
    /^fetch from bucket 'data' failed: the key 'a(\/b)?' cannot be a file beside the others: E/,
  );
  await source.patch({ spec: { bucketName: "none" } });
  await source.until((object) => conditionOf(object, "Ready")?.message === "bucket 'none' not found");
});
