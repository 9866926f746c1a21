// `npm run screenshots`: takes the pictures of docs/console.md. What does it is TypeScript, which Vite loads.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const program = fileURLToPath(new URL("take-screenshots.ts", import.meta.url));
const { module } = await runnerImport(program, { configFile: false, logLevel: "error" });
await module.takeScreenshots();
