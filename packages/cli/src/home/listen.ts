import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError, exitCode } from "../exit-code.js";

/** A plain HTTP server. */
export interface LocalServer {
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Listens; port 0 takes a free one. Rejects with `CommandError` when the port is taken. */
export async function listenOn(
  { host, port }: { readonly host: string; readonly port: number },
  listener: RequestListener,
): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, address: `${host}:${bound}`, close: () => closeServer(server) };
}

/** Turns the system's "address in use" into a sentence that helps; other errors pass. */
export function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new CommandError(
    `port ${port} is taken by another process; choose another with --port (the next port is used as well), or --port 0 for free ones`,
    exitCode.inUse,
    { cause: error },
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
