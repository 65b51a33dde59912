import { createHash } from "node:crypto";
import type { ServedKind } from "../registry/kind.js";
import {
  aggregatedDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
} from "./documents.js";
import type { RemoteVersion } from "./group-order.js";

/** A discovery request. */
export interface DiscoveryRequest {
  /** `/api`, `/api/v1`, `/apis`, `/apis/<group>`, `/apis/<group>/<version>`; a slash at the end is ignored. */
  readonly path: string;
  /** The Accept header. */
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** `host:port` that clients reach the server at. */
  readonly serverAddress: string;
}

export interface DiscoveryAnswer {
  readonly status: 200 | 304;
  readonly contentType: string;
  /** JSON; empty for 304. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Rendered {
  readonly body: string;
  readonly etag: string;
}

/** Answers discovery out of the list of served kinds; documents are kept until the kinds change. */
export class Discovery {
  readonly #kinds: () => readonly ServedKind[];
  readonly #version: () => number;
  readonly #remotes: () => readonly RemoteVersion[];
  #cachedAt = -1;
  readonly #cache = new Map<string, Rendered | undefined>();

  /** `version` changes whenever what `kinds` or `remotes` returns does. */
  constructor(
    kinds: () => readonly ServedKind[],
    version: () => number,
    remotes: () => readonly RemoteVersion[] = () => [],
  ) {
    this.#kinds = kinds;
    this.#version = version;
    this.#remotes = remotes;
  }

  /** The answer; `undefined` where the path names nothing that is served. */
  answer(request: DiscoveryRequest): DiscoveryAnswer | undefined {
    const segments = request.path.split("/").filter((segment) => segment !== "");
    const [root, ...rest] = segments;
    if ((root !== "api" && root !== "apis") || rest.length > (root === "api" ? 1 : 2)) return undefined;
    const aggregated = rest.length === 0 ? aggregatedVersion(request.accept) : undefined;
    if (aggregated !== undefined) {
      const rendered = this.#render(`${root}?${aggregated}`, () =>
        aggregatedDocument(this.#kinds(), this.#remotes(), root, aggregated),
      );
      const type = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
      return rendered === undefined ? undefined : withEtag(rendered, type, request.ifNoneMatch);
    }
    const key = `${segments.join("/")}@${root === "api" && rest.length === 0 ? request.serverAddress : ""}`;
    const rendered = this.#render(key, () => this.#document(root, rest, request.serverAddress));
    if (rendered === undefined) return undefined;
    return { status: 200, contentType: "application/json", body: rendered.body, headers: {} };
  }

  #document(root: "api" | "apis", rest: readonly string[], serverAddress: string): unknown {
    const kinds = this.#kinds();
    const [first, second] = rest;
    if (root === "api") {
      return first === undefined
        ? apiVersionsDocument(serverAddress)
        : apiResourceListDocument(kinds, "", first);
    }
    if (first === undefined) return apiGroupListDocument(kinds, this.#remotes());
    return second === undefined
      ? apiGroupDocument(kinds, this.#remotes(), first)
      : apiResourceListDocument(kinds, first, second);
  }

  #render(key: string, document: () => unknown): Rendered | undefined {
    const version = this.#version();
    if (version !== this.#cachedAt || this.#cache.size > MAX_DOCUMENTS) {
      this.#cache.clear();
      this.#cachedAt = version;
    }
    if (this.#cache.has(key)) return this.#cache.get(key);
    const value = document();
    // Paths that name nothing are not kept: there is no end of them.
    if (value === undefined) return undefined;
    const body = `${JSON.stringify(value)}\n`;
    const rendered = { body, etag: `"${createHash("sha512").update(body).digest("hex").toUpperCase()}"` };
    this.#cache.set(key, rendered);
    return rendered;
  }
}

const MAX_DOCUMENTS = 4096;

function withEtag(
  { body, etag }: Rendered,
  contentType: string,
  ifNoneMatch: string | undefined,
): DiscoveryAnswer {
  const headers = { etag, vary: "Accept", "cache-control": "public" };
  if (ifNoneMatch === etag) return { status: 304, contentType, body: "", headers };
  return { status: 200, contentType, body, headers };
}

/** The version of aggregated discovery that the client names first; `undefined` for plain discovery. */
function aggregatedVersion(accept: string | undefined): "v2" | "v2beta1" | undefined {
  for (const clause of (accept ?? "").split(",")) {
    const parts = clause.split(";").map((part) => part.trim());
    const type = parts[0];
    if (type !== "application/json" && type !== "*/*" && type !== "application/*") continue;
    if (parts.includes("as=APIGroupDiscoveryList") && parts.includes("g=apidiscovery.k8s.io")) {
      if (parts.includes("v=v2")) return "v2";
      if (parts.includes("v=v2beta1")) return "v2beta1";
      continue;
    }
    return undefined;
  }
  return undefined;
}
