import { defineController, defineResource, ownerReference } from "@capstan/controller";
import { z } from "zod";

/** A kind of our own: its type, its schema and its validation come from here. */
export const Greeting = defineResource({
  group: "example.dev",
  version: "v1",
  kind: "Greeting",
  shortNames: ["gr"],
  spec: z.object({ text: z.string().min(1), to: z.array(z.string()).default([]) }),
  status: z.looseObject({}).meta({ "x-kubernetes-preserve-unknown-fields": true }),
});

/** Keeps a ConfigMap for every Greeting; it comes back when deleted, and goes with its Greeting. */
export const greetings = defineController({
  name: "greetings",
  for: Greeting,
  owns: [{ apiVersion: "v1", kind: "ConfigMap" }],
  async reconcile(greeting, { client, signal }) {
    const { name, namespace = "default" } = greeting.metadata;
    const data = Object.fromEntries(greeting.spec.to.map((who) => [who, `${greeting.spec.text}, ${who}!`]));
    const metadata = { name, namespace, ownerReferences: [ownerReference(greeting)] };
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    await client.apply(map, { fieldManager: "greetings", force: true, signal });
  },
});
