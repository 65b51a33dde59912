import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError, exitCode } from "../exit-code.js";

/** A plain HTTP server on loopback. */
export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on loopback; 0 takes a free port. Rejects with `CommandError` when the port is taken. */
export async function listenLocally(port: number, listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

/** Turns the system's "address in use" into a sentence that helps; other errors pass. */
export function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new CommandError(
    `port ${port} is taken by another process; choose another with --port, or --port 0 for a free one`,
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
