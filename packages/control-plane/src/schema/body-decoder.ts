import { ApiError, type KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { BodyDecoder, DecodedBody } from "../registry/ports.js";
import { decodeObject } from "./decode.js";
import { DecodeError } from "./decode-error.js";

/**
 * Decodes bodies of built-in kinds by their published types; other kinds go to `custom`.
 * A value of the wrong type is refused with 400 and the text of the real server.
 */
export function createBodyDecoder(custom: BodyDecoder): BodyDecoder {
  return {
    decode: (object, kind, live) =>
      kind.protobufMessage === undefined
        ? custom.decode(object, kind, live)
        : decodeBuiltIn(object, kind, kind.protobufMessage, live),
  };
}

function decodeBuiltIn(
  object: KubeObject,
  kind: ServedKind,
  message: string,
  live: KubeObject | undefined,
): DecodedBody {
  try {
    return decodeObject(message, object, live);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new ApiError(
      {
        apiVersion: "v1",
        kind: "Status",
        metadata: {},
        status: "Failure",
        reason: "BadRequest",
        message: `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${error.message}`,
        code: 400,
      },
      { cause: error },
    );
  }
}
