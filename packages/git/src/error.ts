/** Why something asked of Git did not work. */
export type GitErrorCode =
  /** The URL is malformed. */
  | "invalid-url"
  /** The URL's protocol is not among the allowed ones. */
  | "protocol-not-allowed"
  /** The server did not answer, or the connection broke. */
  | "unreachable"
  /** No address is known for the host's name. */
  | "host-not-found"
  /** The server's certificate is not trusted, or a TLS connection could not be agreed on. */
  | "tls-failed"
  /** The server does not accept the credentials, or wants some. */
  | "auth-failed"
  /** Credentials that contradict themselves or cannot be used. */
  | "invalid-credentials"
  /** The SSH server's key is not the one in known_hosts. */
  | "host-key-mismatch"
  /** known_hosts has no key of the SSH server. */
  | "host-key-unknown"
  | "repository-not-found"
  | "ref-not-found"
  /** A directory to check out is not in the commit. */
  | "directory-not-found"
  /** The repository has no commit. */
  | "empty"
  /** A bound on bytes, entries or output was crossed. */
  | "too-large"
  | "timeout"
  /** An object is missing or malformed. */
  | "corrupt"
  /** A signature that no trusted key made. */
  | "invalid-signature"
  /** The remote refused a push. */
  | "rejected"
  | "disk-full"
  /** The `git` binary cannot be started. */
  | "no-git"
  | "failed";

/** The one error of this package. `message` carries neither credentials nor URLs with credentials. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether `error` is a `GitError`, of one of `codes` where any are given. */
  static is(error: unknown, ...codes: GitErrorCode[]): error is GitError {
    return error instanceof GitError && (codes.length === 0 || codes.includes(error.code));
  }
}

const PATTERNS: readonly (readonly [GitErrorCode, RegExp])[] = [
  ["disk-full", /no space left on device|disk quota exceeded/i],
  ["host-key-mismatch", /host identification has changed|host key for \S+ has changed/i],
  ["host-key-unknown", /no [\w-]+ host key is known/i],
  ["host-key-mismatch", /host key verification failed/i],
  [
    "auth-failed",
    /authentication failed|could not read (username|password)|terminal prompts disabled|permission denied|access denied|returned error: 40[13]|invalid credentials|bad permissions/i,
  ],
  ["protocol-not-allowed", /transport '[^']*' not allowed/i],
  [
    "ref-not-found",
    /couldn't find remote ref|remote branch .* not found|not our ref|unadvertised object|no such ref/i,
  ],
  [
    "repository-not-found",
    /repository ('[^']*' )?not found|does not appear to be a git repository|not a git repository|returned error: 404|no such file or directory/i,
  ],
  ["rejected", /\[(remote )?rejected\]|non-fast-forward|pre-receive hook declined/i],
  ["host-not-found", /could not resolve|name or service not known|temporary failure in name resolution/i],
  // Behind the quoted URL, in which such words may stand too.
  ["tls-failed", /': [^'\n]*(certificate|\bssl\b|\btls\b|gnutls|schannel)/i],
  [
    "unreachable",
    /connection (refused|timed out|reset|closed)|unable to access|could not read from remote|early eof|hung up|network is unreachable|no route to host|failed to connect|returned error: 5\d\d|rpc failed|broken pipe/i,
  ],
  [
    "corrupt",
    /bad object|corrupt|unable to read|invalid object|not a valid object|missing blob|loose object/i,
  ],
];

/** The code that git's own words on stderr (in the C locale) stand for. */
export function classifyStderr(stderr: string): GitErrorCode {
  return PATTERNS.find(([, pattern]) => pattern.test(stderr))?.[0] ?? "failed";
}

const TELLING = /^((fatal|error|remote|ssh):|load key ")/i;

/** What git and ssh add to a reason that another line has given already. */
const EMPTY_WORDS =
  /could not read from remote repository|^please make sure you have the correct access|^and the repository exists/i;

/**
 * The lines of stderr that say why: `fatal:`, `error:` and `remote:` ones and the one that its code was
 * found by, or the last ones there are. That git could not prompt is said as what it means.
 */
export function summarizeStderr(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(warning|hint):/i.test(line) && !/^@+$/.test(line));
  const decisive = PATTERNS.find(([, pattern]) => pattern.test(stderr))?.[1];
  const telling = lines.filter((line) => TELLING.test(line) || decisive?.test(line) === true);
  const full = telling.filter((line) => !EMPTY_WORDS.test(line));
  const chosen = [full, telling, lines].find(({ length }) => length > 0) ?? [];
  return [...new Set(chosen.map(plainly))].slice(-4).join("; ").slice(0, 1000);
}

/** A line without the frame that ssh paints around it, and without prompts that nobody could see. */
function plainly(line: string): string {
  return line
    .replace(/^@\s+(.*?)\s+@$/, "$1")
    .replace(/^load key "[^"]*": /i, "the private key cannot be read: ")
    .replace(/^fatal: could not read (?:username|password) for '[^']*'.*$/i, "authentication required");
}
