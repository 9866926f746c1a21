/** `mainspring doctor`: looks for what could be wrong, and says what helps. */
import { checkFolder, checkNode, checkStore, checkTables } from "./doctor-machine.js";
import { checkServer } from "./doctor-server.js";
import type { DoctorSettings, Finding } from "./finding.js";
import type { Environment } from "./settings.js";

/** Prints what it found. @returns whether nothing failed */
export async function doctor(
  settings: DoctorSettings,
  { env, print }: { env: Environment; print: (line: string) => void },
): Promise<boolean> {
  const machine = [checkNode(), ...(await checkFolder(settings.data))];
  const store = settings.store === "dynamodb" ? await checkTables(settings) : await checkStore(settings.data);
  const server = await checkServer(settings, { env, isInUse: store.isInUse });
  const findings = [...machine, ...store.findings, ...server];
  for (const { state, what, remedy } of findings) {
    print(`${state.padEnd(4)}  ${what}`);
    if (remedy !== undefined) print(`      ${remedy}`);
  }
  const count = (state: Finding["state"]): number =>
    findings.filter((finding) => finding.state === state).length;
  print(`${findings.length} looked at: ${count("fail")} failed, ${count("warn")} to think of.`);
  return count("fail") === 0;
}
