import type { GitCredentials, GitErrorCode } from "@capstan/git";
import { describe, expect, it } from "vitest";
import type { GitRepositorySpec } from "../api/git-repository.js";
import { adviceFor } from "./advice.js";

const https: GitRepositorySpec = { url: "https://git.example.com/x.git", interval: "1m", timeout: "60s" };
const withSecret: GitRepositorySpec = { ...https, secretRef: { name: "login" } };
const ssh: GitRepositorySpec = { ...withSecret, url: "ssh://git@git.example.com:2222/x.git" };

describe("advice about a repository that cannot be read", () => {
  it.each<[GitErrorCode, GitRepositorySpec, GitCredentials | undefined, string]>([
    ["auth-failed", https, undefined, "'username' and 'password', or 'bearerToken' in spec.secretRef"],
    ["auth-failed", withSecret, {}, "'username' and 'password', or 'bearerToken' in Secret 'login'"],
    [
      "auth-failed",
      withSecret,
      { username: "a", password: "b" },
      "check 'username' and 'password' in Secret 'login'",
    ],
    ["auth-failed", withSecret, { bearerToken: "t" }, "check 'bearerToken' in Secret 'login'"],
    ["auth-failed", { ...withSecret, provider: "github" }, { username: "x" }, "GitHub App in Secret 'login'"],
    ["auth-failed", ssh, {}, "check 'identity' in Secret 'login'"],
    ["host-key-mismatch", ssh, {}, "'known_hosts' of Secret 'login'"],
    ["host-key-mismatch", ssh, {}, "ssh-keyscan -p 2222 git.example.com"],
    ["host-key-unknown", ssh, {}, "'known_hosts' in Secret 'login'"],
    ["host-not-found", https, undefined, "spec.url"],
    ["tls-failed", https, undefined, "'ca.crt' in spec.secretRef"],
    ["tls-failed", withSecret, {}, "set 'ca.crt' in Secret 'login'"],
    ["tls-failed", withSecret, { caCertificate: "pem" }, "'ca.crt' in Secret 'login' signed"],
    ["repository-not-found", https, undefined, "spec.secretRef"],
    ["repository-not-found", withSecret, {}, "Secret 'login'"],
    ["ref-not-found", https, undefined, "spec.ref"],
    ["directory-not-found", https, undefined, "spec.sparseCheckout"],
    ["too-large", https, undefined, "--max-repository-size"],
    ["timeout", https, undefined, "spec.timeout"],
  ])("%s", (code, spec, credentials, words) => {
    expect(adviceFor(code, spec, credentials)).toContain(words);
  });

  it("has none where nothing helps", () => {
    expect(adviceFor("corrupt", https, undefined)).toBeUndefined();
  });
});
