import { ProtobufWriter } from "../protobuf/writer.js";

/** Media types under which clients ask for the second edition of OpenAPI as protobuf. */
export const GNOSTIC_TYPE = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf$/;

/** What such an answer is called. */
export const GNOSTIC_CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * A document of the second edition, in the protobuf form of gnostic, that describes no type. Clients that
 * still ask for this form (kubectl, for kinds that no other document describes) then know that there is
 * nothing to check against and go on, where a refusal would stop them.
 */
export function emptyGnosticDocument(title: string, version: string): Uint8Array {
  const writer = new ProtobufWriter();
  writer.tag(1, 2);
  writer.string("2.0");
  writer.tag(2, 2);
  writer.message(() => {
    writer.tag(1, 2);
    writer.string(title);
    writer.tag(2, 2);
    writer.string(version);
  });
  for (const field of [8, 9]) {
    writer.tag(field, 2);
    writer.unsigned(0);
  }
  return writer.finish();
}
