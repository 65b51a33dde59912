import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { boolType, listType, mapType, opaqueType, stringType } from "../types.js";
import { ArrayList, EntryMap } from "../value/container.js";
import { EvalFailure, noSuchOverload, Opaque } from "../value/value.js";
import { declare, method, overload } from "./declare.js";
import { type GoUrl, hostnameOf, parseRequestUrl, portOf, queryOf } from "./go-url.js";

const urlType = opaqueType("kubernetes.URL");

class UrlValue extends Opaque {
  readonly type = urlType;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: Opaque): boolean {
    return other instanceof UrlValue && other.url.text === this.url.text;
  }
}

function getter(name: string, id: string, read: (url: GoUrl) => string): FunctionDecl {
  return declare(
    name,
    method(id, [urlType], stringType, (url = null) =>
      url instanceof UrlValue ? read(url.url) : noSuchOverload(),
    ),
  );
}

/** Kubernetes' `url`, `isURL` and the methods of URLs. */
export const urlsLibrary: Library = {
  types: [urlType],
  functions: [
    declare(
      "url",
      overload("string_to_url", [stringType], urlType, (text = null) => {
        if (typeof text !== "string") return noSuchOverload();
        const url = parseRequestUrl(text);
        if (url !== undefined) return new UrlValue(url);
        return new EvalFailure(
          `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
        );
      }),
    ),
    declare(
      "isURL",
      overload("is_url_string", [stringType], boolType, (text = null) =>
        typeof text === "string" ? parseRequestUrl(text) !== undefined : noSuchOverload(),
      ),
    ),
    getter("getScheme", "url_get_scheme", (url) => url.scheme),
    getter("getHost", "url_get_host", (url) => url.host),
    getter("getHostname", "url_get_hostname", hostnameOf),
    getter("getPort", "url_get_port", portOf),
    getter("getEscapedPath", "url_get_escaped_path", (url) => url.escapedPath),
    declare(
      "getQuery",
      method("url_get_query", [urlType], mapType(stringType, listType(stringType)), (url = null) => {
        if (!(url instanceof UrlValue)) return noSuchOverload();
        const map = new EntryMap();
        for (const [key, values] of queryOf(url.url)) map.add(key, new ArrayList([...values]));
        return map;
      }),
    ),
  ],
};
