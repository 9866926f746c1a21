// Removes what the build made, so that a renamed source leaves nothing stale behind.
import { readdirSync, rmSync } from "node:fs";

const root = new URL("..", import.meta.url);
const packages = readdirSync(new URL("packages/", root)).map((name) => `packages/${name}/`);

for (const folder of [...packages, "bench/"]) {
  rmSync(new URL(`${folder}dist`, root), { recursive: true, force: true });
}
