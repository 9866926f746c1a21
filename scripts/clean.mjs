// Removes what the build made, so that a renamed source leaves nothing stale behind.
import { readdirSync, rmSync } from "node:fs";

const root = new URL("..", import.meta.url);
const packages = readdirSync(new URL("packages/", root)).map((name) => `packages/${name}`);
const built = [...packages, "bench"].map((folder) => `${folder}/dist`);

for (const folder of [...built, "node_modules/.cache"]) {
  rmSync(new URL(folder, root), { recursive: true, force: true });
}
