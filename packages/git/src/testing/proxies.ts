import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onCleanup } from "./fixtures.js";

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onCleanup(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

function join(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  for (const socket of [a, b]) socket.on("error", () => socket.destroy());
}

/** An HTTP proxy that tunnels (CONNECT) for this `user:password`; gives its address. */
export async function connectProxy(login: string): Promise<string> {
  const expected = `Basic ${Buffer.from(login).toString("base64")}`;
  const server = createHttpServer();
  server.on("connect", (request, socket: Socket, head) => {
    if (request.headers["proxy-authorization"] !== expected) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`tcp://${request.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\nX-Proxy: test\r\n\r\n");
      onward.write(head);
      join(socket, onward);
    });
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

/** A SOCKS 5 proxy for this `user:password`, or for everybody where that is left out; gives its address. */
export async function socksProxy(login?: string): Promise<string> {
  const server = createServer(async (socket) => {
    const read = reader(socket);
    const [, methods = 0] = await read(2);
    const offered = await read(methods);
    const wanted = login === undefined ? 0 : 2;
    if (!offered.includes(wanted)) return void socket.end(Buffer.from([5, 255]));
    socket.write(Buffer.from([5, wanted]));
    if (login !== undefined) {
      const [, length = 0] = await read(2);
      const user = (await read(length)).toString();
      const password = (await read((await read(1))[0] ?? 0)).toString();
      if (`${user}:${password}` !== login) return void socket.end(Buffer.from([1, 1]));
      socket.write(Buffer.from([1, 0]));
    }
    const head = await read(5);
    const host = (await read(head[4] ?? 0)).toString();
    const port = (await read(2)).readUInt16BE();
    const onward = connect(port, host, () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      const rest = read.rest();
      if (rest.length > 0) onward.write(rest);
      join(socket, onward);
    });
    onward.on("error", () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  });
  return `socks5://127.0.0.1:${await listen(server)}`;
}

/** Reads exact numbers of bytes; `rest` ends that and gives what is left. */
function reader(socket: Socket) {
  let received = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  };
  socket.on("data", onData);
  const read = async (length: number): Promise<Buffer> => {
    while (received.length < length) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const part = received.subarray(0, length);
    received = received.subarray(length);
    return part;
  };
  const rest = () => {
    socket.off("data", onData);
    return received;
  };
  return Object.assign(read, { rest });
}
