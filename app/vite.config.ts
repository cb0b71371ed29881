import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { TARGET } from "./target.ts";

// One page per role. Nothing is inlined: the server's Content-Security-Policy is `default-src 'self'`.
export default defineConfig({
  plugins: [react()],
  appType: "mpa",
  build: {
    target: TARGET,
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(?!uplot|uqr)/ },
            { name: "shared", test: /src\/(client|contract|ui)\//, minShareCount: 2 },
          ],
        },
      },
      input: {
        landing: "index.html",
        camera: "camera/index.html",
        viewer: "viewer/index.html",
        quality: "quality/index.html",
        check: "check/index.html",
        account: "account/index.html",
        admin: "admin/index.html",
        director: "director/index.html",
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
