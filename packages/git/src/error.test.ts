import { describe, expect, it } from "vitest";
import { classifyStderr, type GitErrorCode, summarizeStderr } from "./error.js";

const SSH_EPILOGUE = `fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;

const CHANGED_KEY = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
Host key for git.example.com has changed and you have requested strict checking.
Host key verification failed.
`;

const UNKNOWN_KEY = `No ED25519 host key is known for git.example.com and you have requested strict checking.
Host key verification failed.
`;

describe("what git and ssh say", () => {
  it.each<[string, GitErrorCode, string]>([
    [
      "fatal: could not read Username for 'http://h': terminal prompts disabled",
      "auth-failed",
      "authentication required",
    ],
    [
      "remote: Support for password authentication was removed.\nfatal: Authentication failed for 'http://h/x/'",
      "auth-failed",
      "remote: Support for password authentication was removed.; fatal: Authentication failed for 'http://h/x/'",
    ],
    [
      "fatal: unable to access 'http://h/x/': The requested URL returned error: 403",
      "auth-failed",
      "fatal: unable to access 'http://h/x/': The requested URL returned error: 403",
    ],
    [
      `git@h: Permission denied (publickey).\n${SSH_EPILOGUE}`,
      "auth-failed",
      "git@h: Permission denied (publickey).",
    ],
    [
      `Load key "/run/x/identity": error in libcrypto\ngit@h: Permission denied (publickey).\n${SSH_EPILOGUE}`,
      "auth-failed",
      "the private key cannot be read: error in libcrypto; git@h: Permission denied (publickey).",
    ],
    [
      `${CHANGED_KEY}${SSH_EPILOGUE}`,
      "host-key-mismatch",
      "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!; Host key for git.example.com has changed and you have requested strict checking.",
    ],
    [
      `${UNKNOWN_KEY}${SSH_EPILOGUE}`,
      "host-key-unknown",
      "No ED25519 host key is known for git.example.com and you have requested strict checking.",
    ],
    [
      `ssh: Could not resolve hostname nope.invalid: Name or service not known\n${SSH_EPILOGUE}`,
      "host-not-found",
      "ssh: Could not resolve hostname nope.invalid: Name or service not known",
    ],
    [
      "fatal: unable to access 'https://h/x/': Could not resolve host: h",
      "host-not-found",
      "fatal: unable to access 'https://h/x/': Could not resolve host: h",
    ],
    [
      "fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: none CRLfile: none",
      "tls-failed",
      "fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: none CRLfile: none",
    ],
    [
      "fatal: unable to access 'https://h/tls/x/': Failed to connect to h port 443",
      "unreachable",
      "fatal: unable to access 'https://h/tls/x/': Failed to connect to h port 443",
    ],
    [SSH_EPILOGUE, "unreachable", "fatal: Could not read from remote repository."],
  ])("%j is %s", (stderr, code, summary) => {
    expect(classifyStderr(stderr)).toBe(code);
    expect(summarizeStderr(stderr)).toBe(summary);
  });
});
