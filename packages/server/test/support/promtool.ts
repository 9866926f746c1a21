/** Prometheus's own tool, which knows what Prometheus takes. Of its Debian package nothing else is used. */
import { spawnSync } from "node:child_process";
import { ensureDebianPackage } from "../../../../scripts/ensure-debian-package.mjs";

export interface Verdict {
  readonly isFine: boolean;
  /** What it printed. */
  readonly said: string;
}

/** Runs it to its end. */
export function promtool(given: readonly string[], input = ""): Verdict {
  const program = ensureDebianPackage({
    program: "promtool",
    packageName: "prometheus",
    purpose: "checks metrics and alerts",
  });
  const { status, stdout, stderr } = spawnSync(program, given, { input, encoding: "utf8" });
  return { isFine: status === 0, said: `${stdout}${stderr}` };
}
