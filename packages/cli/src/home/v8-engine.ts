import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Engine } from "./idle-memory.js";

/**
 * Lets the heap grow to twice what was alive in it, where the engine would let it grow up to fourfold:
 * a process that works steadily holds much less, and collects hardly longer.
 */
export function holdHeapGrowth(): void {
  setFlagsFromString("--heap-growing-percent=100");
}

/** The engine of this process. */
export function v8Engine(): Engine {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  let last = performance.eventLoopUtilization();
  return {
    utilisation: () => {
      const before = last;
      last = performance.eventLoopUtilization();
      return performance.eventLoopUtilization(last, before).utilization;
    },
    heapUsed: () => getHeapStatistics().used_heap_size,
    collect: () => collect(),
    // The memory reducer begins nothing where marking in steps is off; V8 reads this flag at every start.
    allowEarlyCollections: (allowed) =>
      setFlagsFromString(allowed ? "--incremental-marking" : "--no-incremental-marking"),
  };
}
