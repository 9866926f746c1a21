// Builds the page into the server's package, which serves it. Nothing else is needed at run time.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder("."),
  // Relative, so that the page also works where a proxy puts the server below some path.
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: folder("../../packages/server/dist/console"),
    emptyOutDir: true,
    // Browsers that know light-dark() and nested rules: all of the last two years.
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    // Data addresses would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    reportCompressedSize: false,
  },
});
