import { createHash } from "node:crypto";
import { subresourcesOf } from "../discovery/subresources.js";
import type { ServedKind } from "../registry/kind.js";
import type { Edition } from "./components.js";
import { type Descriptions, NO_DESCRIPTIONS } from "./descriptions.js";
import { modelName, openApiDocument } from "./document.js";
import { gnosticContentType, gnosticDocument, isGnosticType } from "./gnostic.js";

/** A request for an OpenAPI document. */
export interface OpenApiRequest {
  /** `/openapi/v2`, `/openapi/v3` or `/openapi/v3/<api/v1 | apis/group/version>`. */
  readonly path: string;
  /** The query parameter `hash`. */
  readonly hash: string | undefined;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface OpenApiAnswer {
  readonly status: 200 | 301 | 304 | 406;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Raised where documents of the same kinds are written differently: clients keep what they have by its hash. */
const WRITING = 2;
const YEAR_SECONDS = 31_536_000;

/** Writes OpenAPI documents out of the served kinds when they are asked for, and keeps them until the kinds change. */
export class OpenApi {
  readonly #kinds: () => readonly ServedKind[];
  readonly #version: () => number;
  readonly #descriptions: Descriptions;
  readonly #remotes: () => ReadonlyMap<string, string>;
  #cachedAt = -1;
  readonly #bodies = new Map<string, string>();
  readonly #hashes = new Map<string, string>();
  readonly #gnostic = new Map<string, Uint8Array>();

  /**
   * `version` changes whenever what `kinds` or `remotes` returns does; `remotes` has the paths of documents
   * of other servers, by name.
   */
  constructor(
    kinds: () => readonly ServedKind[],
    version: () => number,
    descriptions: Descriptions = NO_DESCRIPTIONS,
    remotes: () => ReadonlyMap<string, string> = () => new Map(),
  ) {
    this.#kinds = kinds;
    this.#version = version;
    this.#descriptions = descriptions;
    this.#remotes = remotes;
  }

  /** The answer; `undefined` where the path names no document. */
  answer(request: OpenApiRequest): OpenApiAnswer | undefined {
    if (this.#version() !== this.#cachedAt) {
      this.#bodies.clear();
      this.#hashes.clear();
      this.#gnostic.clear();
      this.#cachedAt = this.#version();
    }
    const path = request.path.replace(/\/+$/, "");
    if (path === "/openapi/v2") return this.#v2(request);
    if (path === "/openapi/v3") {
      const body = this.#body("", () => ({ paths: this.#index() }));
      return { status: 200, contentType: "application/json", body, headers: NO_CACHE };
    }
    return path.startsWith("/openapi/v3/") ? this.#v3(path.slice("/openapi/v3/".length), request) : undefined;
  }

  #v3(name: string, request: OpenApiRequest): OpenApiAnswer | undefined {
    const kinds = this.#kinds().filter((kind) => documentName(kind) === name);
    if (kinds.length === 0) return undefined;
    const form = formOf(request.accept, "v3");
    if (form === undefined) return NOT_ACCEPTABLE;
    const hash = this.#hash(name, kinds);
    const contentType = form === "json" ? "application/json" : gnosticContentType("v3");
    const etag = `"${hash}"`;
    if (request.hash !== undefined && request.hash !== hash) {
      const location = `/openapi/v3/${name}?hash=${hash}`;
      return { status: 301, contentType, body: "", headers: { ...NO_CACHE, etag, location } };
    }
    const caching =
      request.hash === undefined ? "no-cache, private" : `public, immutable, max-age=${YEAR_SECONDS}`;
    const headers = { etag, vary: "Accept", "cache-control": caching };
    if (request.ifNoneMatch === etag) return { status: 304, contentType, body: "", headers };
    return { status: 200, contentType, body: this.#document(name, kinds, "v3", form), headers };
  }

  #v2(request: OpenApiRequest): OpenApiAnswer {
    const form = formOf(request.accept, "v2");
    if (form === undefined) return NOT_ACCEPTABLE;
    const all = this.#kinds();
    // Both forms share the tag: `vary` tells them apart.
    const etag = `"${this.#hash("/v2", all)}"`;
    const headers = { ...NO_CACHE, etag, vary: "Accept" };
    const contentType = form === "json" ? "application/json" : gnosticContentType("v2");
    if (request.ifNoneMatch === etag) return { status: 304, contentType, body: "", headers };
    return { status: 200, contentType, body: this.#document("/v2", all, "v2", form), headers };
  }

  #document(name: string, kinds: readonly ServedKind[], edition: Edition, form: Form): string | Uint8Array {
    const document = () => openApiDocument(kinds, edition, this.#descriptions);
    if (form === "json") return this.#body(name, document);
    let body = this.#gnostic.get(name);
    if (body === undefined) {
      body = gnosticDocument(document(), edition);
      this.#gnostic.set(name, body);
    }
    return body;
  }

  /** Names and addresses of all documents, in order. */
  #index(): Record<string, unknown> {
    const groups = new Map<string, ServedKind[]>();
    for (const kind of this.#kinds()) {
      const name = documentName(kind);
      groups.set(name, [...(groups.get(name) ?? []), kind]);
    }
    const own = [...groups].map(
      ([name, kinds]) => [name, `/openapi/v3/${name}?hash=${this.#hash(name, kinds)}`] as const,
    );
    const entries = [...own, ...this.#remotes()].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, url]) => [name, { serverRelativeURL: url }]));
  }

  #body(name: string, document: () => unknown): string {
    let body = this.#bodies.get(name);
    if (body === undefined) {
      body = JSON.stringify(document());
      this.#bodies.set(name, body);
    }
    return body;
  }

  /** Changes with what the document says, and is known without writing the document. */
  #hash(name: string, kinds: readonly ServedKind[]): string {
    let hash = this.#hashes.get(name);
    if (hash === undefined) {
      const digest = createHash("sha512");
      digest.update(`${WRITING}\n`);
      digest.update(this.#descriptions.of("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") ?? "");
      for (const kind of kinds) {
        digest.update(`${JSON.stringify(traitsOf(kind))}\n`);
        if (kind.protobufMessage === undefined) digest.update(JSON.stringify(kind.schema));
      }
      hash = digest.digest("hex").toUpperCase();
      this.#hashes.set(name, hash);
    }
    return hash;
  }
}

const NO_CACHE = { "cache-control": "no-cache, private" };
const NOT_ACCEPTABLE: OpenApiAnswer = {
  status: 406,
  contentType: "text/plain; charset=utf-8",
  body: "",
  headers: { ...NO_CACHE, vary: "Accept" },
};

/** What documents say of a kind beside its schema. */
function traitsOf(kind: ServedKind): readonly unknown[] {
  const parts = subresourcesOf(kind).map(({ name }) => name);
  const { resource, listKind, namespaced, verbs, selectableFields } = kind;
  return [modelName(kind), listKind, resource, namespaced, verbs, parts, Object.keys(selectableFields)];
}

function documentName(kind: ServedKind): string {
  return kind.group === "" ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`;
}

type Form = "json" | "gnostic";

/** The form that a client prefers of those that there are; `undefined` where it takes none. */
function formOf(accept: string | undefined, edition: Edition): Form | undefined {
  if (accept === undefined || accept === "") return "json";
  const clauses = accept.split(",").map((clause) => {
    const [type = "", ...parameters] = clause.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { type, weight: weight === undefined ? 1 : Number(weight) };
  });
  for (const { type } of clauses.sort((a, b) => b.weight - a.weight)) {
    if (isGnosticType(type, edition)) return "gnostic";
    if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  }
  return undefined;
}
