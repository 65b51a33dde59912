import { existsSync } from "node:fs";
import { join } from "node:path";
import { GitRepository, type GitRunner } from "@capstan/git";
import type { Clock } from "@capstan/kube";

/** The files that a new demo repository starts with. */
const FILES: Readonly<Record<string, string>> = {
  "app/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: demo
resources:
  - namespace.yaml
  - deployment.yaml
  - service.yaml
configMapGenerator:
  - name: greeting
    literals:
      - text=Hello from Git
`,
  "app/namespace.yaml": `apiVersion: v1
kind: Namespace
metadata:
  name: demo
`,
  "app/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello
  labels:
    app: hello
spec:
  replicas: 2
  selector:
    matchLabels:
      app: hello
  template:
    metadata:
      labels:
        app: hello
    spec:
      containers:
        - name: hello
          image: nginx:1.29
          ports:
            - name: http
              containerPort: 80
          env:
            - name: GREETING
              valueFrom:
                configMapKeyRef:
                  name: greeting
                  key: text
`,
  "app/service.yaml": `apiVersion: v1
kind: Service
metadata:
  name: hello
spec:
  selector:
    app: hello
  ports:
    - name: http
      port: 80
      targetPort: http
`,
  "README.md": `# Demo

What is in app/ is what runs. Change it, commit, push.
`,
};

/** The bare repository behind the built-in remote's `name`, or `undefined`. */
export function repositoryPath(remotes: string, name: string): string | undefined {
  const path = join(remotes, `${name}.git`);
  return /^[A-Za-z0-9][\w-]*$/.test(name) && existsSync(path) ? path : undefined;
}

/** Makes the demo repository with a small application in it; one that is there is left as it is. */
export async function ensureDemoRepository(runner: GitRunner, remotes: string, clock: Clock): Promise<void> {
  if (repositoryPath(remotes, "demo") !== undefined) return;
  const repository = await GitRepository.init(runner, join(remotes, "demo.git"));
  if ((await repository.resolve("refs/heads/main")) !== undefined) return;
  await repository.commit({
    ref: "refs/heads/main",
    message: "A small application to try things on",
    author: { name: "Capstan", email: "demo@capstan.dev", time: clock.now() },
    changes: Object.entries(FILES).map(([path, content]) => ({ path, content })),
  });
}
