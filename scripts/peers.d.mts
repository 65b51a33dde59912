/** Paths of the real binaries that conformance and end-to-end runs compare with. */
export function ensurePeers(): Promise<{ kubectl: string; helm: string }>;
