import { type ConnectionOptions, withClient } from "../connection.js";
import type { Io } from "../io.js";
import { objectName } from "../kinds.js";
import { resolveObject } from "../resolve-object.js";

/** `capstan delete KIND/NAME`: deletes one live object. What Git declares comes back. */
export async function deleteObject(
  text: string,
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<void> {
  await withClient(options, io, async (client) => {
    const ref = await resolveObject(client, text, options.namespace, io.signal);
    await client.delete(ref, { propagationPolicy: "Background", signal: io.signal });
    io.out(`${objectName(ref)} deleted\n`);
  });
}
