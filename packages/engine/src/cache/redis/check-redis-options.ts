/** Options that can't be meant are told before anything is connected. Nothing that was given is shown: it may be secret. */
import { MainspringError } from "@mainspring/core";
import type { RedisOptions } from "./redis-options.js";

const MAX_CLUSTER_NODES = 100;

const MAX_PREFIX_LENGTH = 64;

const MAX_CONNECT_TIMEOUT_MS = 60_000;

/** @throws MainspringError `CONFIG_INVALID` naming every option that can't be meant */
export function checkRedisOptions(options: RedisOptions): void {
  const { clusterNodes, username, password, tls, keyPrefix, connectTimeoutMs } = options;
  const wrong: string[] = [];
  const check = (name: string, given: unknown, isRight: boolean, expected: string) => {
    if (given !== undefined && !isRight) wrong.push(`${name} must be ${expected}`);
  };
  const checkAddress = (
    prefix: string,
    { host, port }: { readonly host?: unknown; readonly port?: unknown },
  ) => {
    check(`${prefix}host`, host, isHost(host), "a name or an address, not a URL");
    check(`${prefix}port`, port, isWhole(port, 65_535), "a whole number from 1 to 65535");
  };
  checkAddress("", options);
  if (clusterNodes !== undefined) {
    const isList = Array.isArray(clusterNodes) && clusterNodes.length <= MAX_CLUSTER_NODES;
    const hasStart = isList && (clusterNodes.length > 0 || options.host !== undefined);
    check("clusterNodes", clusterNodes, hasStart, `a list of 1 to ${MAX_CLUSTER_NODES} addresses`);
    for (const [index, node] of isList ? clusterNodes.entries() : []) {
      const { host = "", port = 0 } = (node ?? {}) as { readonly host?: unknown; readonly port?: unknown };
      checkAddress(`clusterNodes[${index}].`, { host, port });
    }
  }
  check("username", username, isText(username), "a text that isn't empty");
  check("password", password, isText(password), "a text that isn't empty");
  if (username !== undefined && password === undefined) wrong.push("username needs a password");
  check("tls", tls, isTls(tls), "true, false or { ca } with a certificate in PEM");
  const isPrefix = typeof keyPrefix === "string" && keyPrefix.length <= MAX_PREFIX_LENGTH;
  check("keyPrefix", keyPrefix, isPrefix, `a text of at most ${MAX_PREFIX_LENGTH} characters`);
  const isTimeout = isWhole(connectTimeoutMs, MAX_CONNECT_TIMEOUT_MS);
  check(
    "connectTimeoutMs",
    connectTimeoutMs,
    isTimeout,
    `a whole number from 1 to ${MAX_CONNECT_TIMEOUT_MS}`,
  );
  if (wrong.length > 0) throw new MainspringError("CONFIG_INVALID", `Redis: ${wrong.join("; ")}.`);
}

function isHost(host: unknown): boolean {
  return typeof host === "string" && /^[\w.:%-]{1,253}$/u.test(host);
}

function isWhole(value: unknown, max: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= max;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTls(tls: unknown): boolean {
  if (typeof tls === "boolean") return true;
  if (typeof tls !== "object" || tls === null || !("ca" in tls)) return false;
  return typeof tls.ca === "string" && tls.ca.includes("-----BEGIN CERTIFICATE-----");
}
