/** One reference that a push moves. */
export interface RefUpdate {
  readonly ref: string;
  /** All zeros for a reference that is made. */
  readonly from: string;
  /** All zeros for a reference that is removed. */
  readonly to: string;
}

/** One packet line: its length in four hex digits, itself included, then the text. */
export function packetLine(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, "0")}${text}`;
}

/** The packet lines of `bytes` up to the first flush or what is incomplete. */
function* readPackets(bytes: Buffer): Generator<Buffer> {
  for (let position = 0; position + 4 <= bytes.byteLength; ) {
    const length = Number.parseInt(bytes.toString("latin1", position, position + 4), 16);
    if (!(length >= 4) || position + length > bytes.byteLength) return;
    yield bytes.subarray(position + 4, position + length);
    position += length;
  }
}

/** The updates that the start of a receive-pack request asks for. */
export function readUpdates(request: Buffer): RefUpdate[] {
  const updates: RefUpdate[] = [];
  for (const packet of readPackets(request)) {
    const line = packet.toString("utf8").split("\0", 1)[0] ?? "";
    const match = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (\S+)\n?$/.exec(line);
    const [, from, to, ref] = match ?? [];
    if (from !== undefined && to !== undefined && ref !== undefined) updates.push({ ref, from, to });
  }
  return updates;
}

/** The references that a receive-pack answer reports as moved, whether or not it is in a side band. */
export function readAccepted(response: Buffer): Set<string> {
  const plain: Buffer[] = [];
  for (const packet of readPackets(response)) {
    if (packet[0] === 1) plain.push(packet.subarray(1));
    else if (packet[0] !== 2 && packet[0] !== 3) plain.push(Buffer.from(packetLine(packet.toString("utf8"))));
  }
  const accepted = new Set<string>();
  for (const packet of readPackets(Buffer.concat(plain))) {
    const ref = /^ok (\S+)\n?$/.exec(packet.toString("utf8"))?.[1];
    if (ref !== undefined) accepted.add(ref);
  }
  return accepted;
}
