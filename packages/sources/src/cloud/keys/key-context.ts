import type { HttpClient } from "../../http-client.js";
import type { CloudEnvironment } from "../environment.js";
import type { TokenCache } from "../token-cache.js";

/** Whom to ask, and where what clouds give out is kept. */
export interface KeyContext {
  readonly http: HttpClient;
  readonly cloud: CloudEnvironment;
  readonly tokens: TokenCache;
  readonly signal: AbortSignal;
}
