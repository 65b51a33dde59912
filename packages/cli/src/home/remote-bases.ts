import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RemoteFetcher } from "@capstan/delivery";
import { type GitCheckout, type GitClient, GitError, type GitReference, redactUrl } from "@capstan/git";

/** Bytes of a file that a build may refer to. */
const MAX_FILE = 10 * 1024 * 1024;
const MAX_REPOSITORY = 200 * 1024 * 1024;

/** Fetches remote bases of builds: repositories by Git, files by HTTP. Directories are made in `directory`. */
export function remoteBases(git: GitClient, directory: string): RemoteFetcher {
  return {
    repository: async (spec, signal) => {
      const timeoutMs = spec.timeoutSeconds * 1000;
      const request = { url: spec.cloneUrl, key: `base ${spec.cloneUrl}`, signal, timeoutMs };
      const checkout = await firstFound(referencesOf(spec.ref), (reference) =>
        git.checkout({ ...request, recurseSubmodules: spec.submodules, ...reference }),
      );
      try {
        const path = await unpack(checkout, directory);
        return { directory: path, close: () => rm(path, { recursive: true, force: true }) };
      } finally {
        checkout.close();
      }
    },
    file: async (url, signal) => {
      const response = await fetch(url, { signal });
      return { status: response.status, body: await bounded(response, url) };
    },
  };
}

/** A ref without a kind is a commit, a branch or a tag, in this order. */
function referencesOf(ref: string): readonly { readonly reference?: GitReference }[] {
  if (ref === "" || ref === "HEAD") return [{}];
  if (/^[0-9a-f]{40}$/.test(ref)) return [{ reference: { commit: ref } }];
  return [{ reference: { branch: ref } }, { reference: { tag: ref } }];
}

async function firstFound<T>(
  candidates: readonly T[],
  attempt: (candidate: T) => Promise<GitCheckout>,
): Promise<GitCheckout> {
  let last: unknown;
  for (const candidate of candidates) {
    try {
      return await attempt(candidate);
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== "ref-not-found") throw error;
      last = error;
    }
  }
  throw last;
}

/** Links are left out: a base that needs one says that a file is missing. */
async function unpack({ entries }: GitCheckout, parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  const root = await mkdtemp(join(parent, "base-"));
  let bytes = 0;
  for (const entry of entries) {
    const path = join(root, entry.path);
    if (entry.kind === "directory") {
      await mkdir(path, { recursive: true });
      continue;
    }
    bytes += entry.size;
    if (bytes > MAX_REPOSITORY) throw new Error(`a remote base is larger than ${MAX_REPOSITORY} bytes`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await entry.read());
  }
  return root;
}

async function bounded(response: Response, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_FILE) throw new Error(`${redactUrl(url)} is larger than ${MAX_FILE} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
