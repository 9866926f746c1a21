/** The line under the table that says on what it was measured. */
import { arch, cpus, loadavg, platform, totalmem } from "node:os";
import { versions } from "node:process";

const BYTES_PER_GIB = 1024 ** 3;

export function machineLine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const [loadOfMinute = 0] = loadavg();
  return [
    `${model}, ${processors.length} cores`,
    `${Math.round(totalmem() / BYTES_PER_GIB)} GiB`,
    `${platform()} ${arch()}`,
    `Node.js ${versions.node}`,
    new Date().toISOString().slice(0, "2000-01-01".length),
    `load at the start ${loadOfMinute.toFixed(2)}`,
  ].join("; ");
}
