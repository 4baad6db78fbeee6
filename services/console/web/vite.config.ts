import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

const SERVER = process.env.SIGAP_URL ?? "http://127.0.0.1:8112";

export default defineConfig({
  base: "/console/",
  plugins: [preact()],
  build: {
    outDir: "../src/sigap_console/built",
    emptyOutDir: true,
    target: "es2022",
    // Everything is a file of its own: the Content-Security-Policy forbids what stands in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": SERVER, "/console/settings.json": SERVER } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["tests/whole-addresses.ts"] },
});
