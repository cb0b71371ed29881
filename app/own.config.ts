import { defineConfig } from "vite";
import { TARGET } from "./target.ts";

// The page that a director's machine serves itself. Three files by the names that the engine serves them under: it embeds
// them one by one, and asks nobody for a fourth.
export default defineConfig({
  root: "own",
  publicDir: false,
  build: {
    outDir: "../dist-own",
    emptyOutDir: true,
    target: TARGET,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { output: { entryFileNames: "page.js", assetFileNames: "page[extname]" } },
  },
});
