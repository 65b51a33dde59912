import type { Library } from "../environment.js";
import { bytesType, stringType } from "../types.js";
import { EvalFailure, noSuchOverload } from "../value/value.js";
import { declare, overload } from "./declare.js";

/** `base64.encode` and `base64.decode`, which accepts text with and without padding. */
export const encodersLibrary: Library = {
  functions: [
    declare(
      "base64.decode",
      overload("base64_decode_string", [stringType], bytesType, (text = null) => {
        if (typeof text !== "string") return noSuchOverload();
        const body = text.replace(/=+$/, "");
        const padded = body.length === text.length || text.length % 4 === 0;
        if (!padded || body.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(body))
          return new EvalFailure("illegal base64 data");
        return new Uint8Array(Buffer.from(body, "base64"));
      }),
    ),
    declare(
      "base64.encode",
      overload("base64_encode_bytes", [bytesType], stringType, (bytes = null) =>
        bytes instanceof Uint8Array ? Buffer.from(bytes).toString("base64") : noSuchOverload(),
      ),
    ),
  ],
};
