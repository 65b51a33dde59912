import { firstDuplicate } from "./equality.js";
import { grouped, type Problem } from "./problem.js";
import { type Json, member } from "./schema-document.js";
import { type Application, push } from "./validator.js";

/** Applies the keywords for arrays. */
export class ArrayKeywords {
  private readonly application: Application;
  private readonly items: readonly Json[];

  constructor(application: Application, items: readonly Json[]) {
    this.application = application;
    this.items = items;
  }

  run(): void {
    const { schema } = this.application;
    const size = this.items.length;
    const [least, most] = [member(schema, "minItems"), member(schema, "maxItems")];
    if (typeof least === "number" && size < least)
      this.add(`minItems: got ${grouped(size)}, want ${grouped(least)}`);
    if (typeof most === "number" && size > most)
      this.add(`maxItems: got ${grouped(size)}, want ${grouped(most)}`);
    const twins = member(schema, "uniqueItems") === true ? firstDuplicate(this.items) : undefined;
    if (twins !== undefined) this.add(`items at ${twins[0]} and ${twins[1]} are equal`);
    if (this.application.scope.node.draft >= 2020) this.positioned();
    else this.listed();
    this.contained();
  }

  private add(text: string, causes: readonly Problem[] = []): void {
    this.application.problems.push({ at: this.application.at, text, causes });
  }

  private applyTo(json: Json | undefined, keyword: string, index: number): void {
    const { application } = this;
    push(
      application.problems,
      application.validator.applyChild(application, json, keyword, this.items[index] ?? null, index),
    );
    application.evaluated.items.add(index);
  }

  /** `prefixItems` and `items`. An element that `items` refuses is counted from where the prefix ends. */
  private positioned(): void {
    const { schema } = this.application;
    const prefix = member(schema, "prefixItems");
    const rest = member(schema, "items");
    const first = Array.isArray(prefix) ? Math.min(prefix.length, this.items.length) : 0;
    for (let index = 0; index < first; index += 1)
      this.applyTo((prefix as readonly Json[])[index], "prefixItems", index);
    if (rest === undefined) return;
    for (let index = first; index < this.items.length; index += 1) {
      const { application } = this;
      const problem = application.validator.applyChild(
        application,
        rest,
        "items",
        this.items[index] ?? null,
        index - first,
      );
      push(application.problems, problem);
      application.evaluated.items.add(index);
    }
  }

  /** `items` and `additionalItems` of older drafts. */
  private listed(): void {
    const { schema } = this.application;
    const items = member(schema, "items");
    if (items === undefined) return;
    if (!Array.isArray(items)) {
      for (let index = 0; index < this.items.length; index += 1) this.applyTo(items, "items", index);
      return;
    }
    const first = Math.min(items.length, this.items.length);
    for (let index = 0; index < first; index += 1)
      this.applyTo((items as readonly Json[])[index], "items", index);
    const additional = member(schema, "additionalItems");
    if (additional === undefined) return;
    if (additional === false) {
      if (this.items.length > first)
        this.add(`last ${grouped(this.items.length - first)} additionalItem(s) not allowed`);
      for (let index = first; index < this.items.length; index += 1)
        this.application.evaluated.items.add(index);
      return;
    }
    for (let index = first; index < this.items.length; index += 1)
      this.applyTo(additional, "additionalItems", index);
  }

  private contained(): void {
    const { application } = this;
    const wanted = member(application.schema, "contains");
    const { draft } = application.scope.node;
    if (wanted === undefined || draft < 6) return;
    const found: number[] = [];
    const failures: Problem[] = [];
    for (const [index, item] of this.items.entries()) {
      const problem = application.validator.applyChild(application, wanted, "contains", item, index);
      if (problem !== undefined) failures.push(problem);
      else {
        found.push(index);
        if (draft >= 2020) application.evaluated.items.add(index);
      }
    }
    const [least, most] = [
      member(application.schema, "minContains"),
      member(application.schema, "maxContains"),
    ];
    if (draft >= 2019 && typeof least === "number") this.enough(least, found, failures);
    else if (found.length === 0) this.add("no items match contains schema", failures);
    if (draft >= 2019 && typeof most === "number" && found.length > most)
      this.add(
        `max ${grouped(most)} items required to match contains schema, but matched ${found.length} items at ${found.join(" ")}`,
      );
  }

  private enough(least: number, found: readonly number[], failures: readonly Problem[]): void {
    if (found.length >= least) return;
    const what = `min ${grouped(least)} items required to match contains schema, but`;
    if (found.length === 0) this.add(`${what} none matched`, failures);
    else this.add(`${what} matched ${found.length} items at ${found.join(" ")}`, failures);
  }
}
