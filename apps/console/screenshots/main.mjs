// `npm run screenshots`: takes the pictures of docs/console.md. What does it is TypeScript, which Vite loads.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

/** "serve": the server of the pictures, in a process of its own. */
const part = process.argv[2] === "serve" ? "serve.ts" : "take-screenshots.ts";
const program = fileURLToPath(new URL(part, import.meta.url));
const { module } = await runnerImport(program, { configFile: false, logLevel: "error" });
await module.run();
