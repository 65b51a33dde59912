/** What the tunnel script reads: where the proxy is, and where to through it. */
export interface TunnelConfig {
  readonly proxy: {
    readonly protocol: string;
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    readonly password?: string;
  };
  readonly host: string;
  readonly port: number;
}

/**
 * The text of a script for Node that connects its standard input and output with a host behind a proxy
 * (`http:` and `https:` by CONNECT, RFC 9110; `socks5:` and `socks5h:`, RFC 1928 and 1929), for OpenSSH's
 * ProxyCommand. It reads its configuration from a file, so that no credentials are on a command line.
 */
export function tunnelScript(configFile: string): string {
  return `${SCRIPT}\nrun(JSON.parse(require("node:fs").readFileSync(${JSON.stringify(configFile)}, "utf8")));\n`;
}

const SCRIPT = String.raw`
const net = require("node:net");
const tls = require("node:tls");

function fail(message) {
  process.stderr.write("ssh: proxy: " + message + "\n");
  process.exit(1);
}

function run({ proxy, host, port }) {
  const address = { host: proxy.host, port: proxy.port };
  const secure = proxy.protocol === "https:";
  const socket = secure ? tls.connect({ ...address, servername: net.isIP(proxy.host) ? "" : proxy.host }) : net.connect(address);
  let received = Buffer.alloc(0);
  let take = () => undefined;
  const onData = (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length > 65536) fail("it answers too much");
    take();
  };
  const open = () => {
    socket.off("data", onData);
    if (received.length > 0) process.stdout.write(received);
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
  };
  const exactly = (length, then) => {
    take = () => {
      if (received.length < length) return;
      const part = received.subarray(0, length);
      received = received.subarray(length);
      then(part);
    };
    take();
  };
  const connectHttp = () => {
    const target = (net.isIPv6(host) ? "[" + host + "]" : host) + ":" + port;
    const account = Buffer.from(proxy.username + ":" + (proxy.password ?? "")).toString("base64");
    const lines = ["CONNECT " + target + " HTTP/1.1", "Host: " + target];
    if (proxy.username !== undefined) lines.push("Proxy-Authorization: Basic " + account);
    socket.write(lines.join("\r\n") + "\r\n\r\n");
    take = () => {
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(received.toString("latin1", 0, end))?.[1];
      if (status === "407") fail("access denied: it wants a username and a password");
      if (status === undefined || !status.startsWith("2")) fail("it answered " + (status ?? "no HTTP"));
      received = received.subarray(end + 4);
      open();
    };
  };
  const socksRequest = () => {
    const name = Buffer.from(host);
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]));
    exactly(5, (head) => {
      if (head[1] !== 0) fail("it refused the connection (SOCKS reply " + head[1] + ")");
      const rest = head[3] === 1 ? 5 : head[3] === 4 ? 17 : head[4] + 2;
      exactly(rest, open);
    });
  };
  const connectSocks = () => {
    const login = proxy.username !== undefined;
    socket.write(Buffer.from(login ? [5, 2, 0, 2] : [5, 1, 0]));
    exactly(2, (choice) => {
      if (choice[1] === 0) return socksRequest();
      if (choice[1] !== 2 || !login) fail("access denied: it wants a username and a password");
      const user = Buffer.from(proxy.username);
      const password = Buffer.from(proxy.password ?? "");
      socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]));
      exactly(2, (answer) => (answer[1] === 0 ? socksRequest() : fail("access denied: wrong username or password")));
    });
  };
  socket.on("data", onData);
  socket.on("error", (error) => fail("could not connect: " + error.message));
  socket.on("close", () => process.exit(0));
  socket.once(secure ? "secureConnect" : "connect", proxy.protocol.startsWith("socks5") ? connectSocks : connectHttp);
}
`;
