import { defineConfig } from "vitest/config";

const server = process.env["ATRIUM_DEV_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  server: {
    proxy: { "/ws": { target: server, ws: true }, "/v1": server, "/assets": server },
  },
  build: {
    outDir: "../server/web",
    emptyOutDir: true,
    assetsDir: "app",
    target: "es2022",
    chunkSizeWarningLimit: 1500,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
