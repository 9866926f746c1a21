/** Programs that tests need: found, or asked for in words that help. */
import { expect, it, vi } from "vitest";
import { ensureDebianPackage } from "../ensure-debian-package.mjs";

it("finds a program that is there", () => {
  const need = { program: "sh", packageName: "dash", purpose: "runs this test" };
  expect(ensureDebianPackage(need)).toMatch(/\/sh$/);
});

it("says how to get a program that is missing where it can't install it", () => {
  vi.stubEnv("PATH", "/nowhere");
  const need = { program: "strace", packageName: "strace", purpose: "records what the store writes" };
  expect(() => ensureDebianPackage(need)).toThrow(
    "strace is needed (it records what the store writes) and could not be installed. As root: apt-get update && apt-get install -y strace",
  );
  vi.unstubAllEnvs();
});
