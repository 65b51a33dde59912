/** Paths of the real binaries that conformance and end-to-end runs compare with. */
export function ensurePeers(): Promise<{ kubectl: string; helm: string }>;
/** The folder of an S3 server that checks signatures. */
export function ensureS3Server(): string;
