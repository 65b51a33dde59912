/** What Helm logs while it goes on. */
export interface ChartWarning {
  readonly level: "warn" | "info";
  readonly message: string;
}

/** Takes warnings, each text once. */
export class WarningLog {
  private readonly seen = new Map<string, ChartWarning>();

  warn(message: string): void {
    this.add({ level: "warn", message });
  }

  info(message: string): void {
    this.add({ level: "info", message });
  }

  get list(): readonly ChartWarning[] {
    return [...this.seen.values()];
  }

  private add(warning: ChartWarning): void {
    if (!this.seen.has(warning.message)) this.seen.set(warning.message, warning);
  }
}
