// A Vitest reporter with one line, the last of a run: how many tests passed, failed and were skipped.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

export default class ClosingLineReporter {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} strayErrors that were thrown outside of any test
   */
  onTestRunEnd(modules, strayErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: strayErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // A test that never got to run did not pass; a test file that broke before its tests is one failure.
        counts[state === "pending" ? "failed" : state] += 1;
      }
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
    }
    // The default reporter writes its summary after this hook, so the line waits until the process is about to end.
    process.once("exit", () => {
      process.stdout.write(
        `Tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
      );
    });
  }
}
