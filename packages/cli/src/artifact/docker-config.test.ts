import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Io } from "../io.js";
import { dockerLogin } from "./docker-config.js";

let directory: string;
let io: Io;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "capstan-docker-"));
  const environment = { DOCKER_CONFIG: directory, PATH: `${directory}:${process.env["PATH"]}` };
  io = { environment, signal: new AbortController().signal } as unknown as Io;
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const configure = (config: object) => writeFile(join(directory, "config.json"), JSON.stringify(config));

it("finds nothing where there is no file, and the login where it is in the file", async () => {
  expect(await dockerLogin("oci://ghcr.io/a", io)).toBeUndefined();
  await configure({ auths: { "ghcr.io": { auth: Buffer.from("ada:hunter2").toString("base64") } } });
  expect(await dockerLogin("oci://ghcr.io/a", io)).toEqual({ username: "ada", password: "hunter2" });
  expect(await dockerLogin("oci://quay.io/a", io)).toBeUndefined();
});

it("asks the helper that the file names, and takes a token for one", async () => {
  const helper = join(directory, "docker-credential-test");
  const script = `#!/bin/sh
read server
case "$server" in
  ghcr.io) echo '{"Username":"ada","Secret":"hunter2"}' ;;
  token.io) echo '{"Username":"<token>","Secret":"refresh"}' ;;
  *) echo "credentials not found in native keychain"; exit 1 ;;
esac
`;
  await writeFile(helper, script);
  await chmod(helper, 0o700);
  await configure({ credHelpers: { "ghcr.io": "test" }, credsStore: "test" });
  expect(await dockerLogin("oci://ghcr.io/a", io)).toEqual({ username: "ada", password: "hunter2" });
  expect(await dockerLogin("oci://token.io/a", io)).toMatchObject({ identityToken: "refresh" });
  expect(await dockerLogin("oci://other.io/a", io)).toBeUndefined();
  await configure({ credsStore: "gone" });
  await expect(dockerLogin("oci://ghcr.io/a", io)).rejects.toThrow("docker-credential-gone cannot be run");
});

it("does not quote what it cannot read", async () => {
  await writeFile(join(directory, "config.json"), "{hunter2");
  await expect(dockerLogin("oci://ghcr.io/a", io)).rejects.toThrow("the docker configuration is not JSON");
});
