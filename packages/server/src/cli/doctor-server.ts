/** What the doctor looks at on a running server: whether it answers, whether it is ready, and what its numbers say. */
import { totalmem } from "node:os";
import { isMainspringError } from "@mainspring/core";
import type { ServerStats } from "../http/numbers/http-stats.js";
import { THRESHOLDS } from "../thresholds.js";
import { adminToken, callServer, complaintOf } from "./api-client.js";
import { cacheFindings } from "./doctor-cache.js";
import { loadFindings } from "./doctor-load.js";
import { requestFindings } from "./doctor-requests.js";
import type { DoctorSettings, Finding } from "./finding.js";
import type { Environment } from "./settings.js";

const OK = 200;

/** One conflict for so many commits is no accident. */
const COMMITS_PER_CONFLICT = 10;

/** Errors that a healthy server doesn't give. */
const ALARMING = ["STORE_UNAVAILABLE", "RECORD_CORRUPT", "OVERLOADED", "UPGRADE_REQUIRED", "INTERNAL"];

const MIB = 1_048_576;

export async function checkServer(
  { url, data }: DoctorSettings,
  { env, isInUse }: { env: Environment; isInUse: boolean },
): Promise<Finding[]> {
  try {
    const alive = await callServer({ url, path: "/healthz" });
    if (alive.status !== OK)
      return [
        {
          state: "fail",
          what: `${url} answers, but not as Mainspring does.`,
          remedy: "Name the right address with --url.",
        },
      ];
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    // A server has the folder but is not to be found: it hangs, or is somewhere else.
    return [
      isInUse
        ? {
            state: "fail",
            what,
            remedy: "A server runs on the data folder: look at its log, or name its address with --url.",
          }
        : { state: "warn", what },
    ];
  }
  const ready = await callServer({ url, path: "/readyz" });
  const readiness: Finding =
    ready.status === OK
      ? { state: "ok", what: `A server answers at ${url} and is ready.` }
      : {
          state: "fail",
          what: `A server answers at ${url} but is not ready. ${complaintOf(ready)}`,
          remedy: "Its log says more.",
        };
  return [readiness, ...(await checkNumbers(url, await tokenFor(env, data)))];
}

/** Nothing if there is no key at hand: then the numbers stay unseen. */
async function tokenFor(env: Environment, data: string): Promise<string | null> {
  try {
    return await adminToken(env, data);
  } catch (error) {
    if (!isMainspringError(error)) throw error;
    return null;
  }
}

async function checkNumbers(url: string, token: string | null): Promise<Finding[]> {
  const unseen = (what: string): Finding[] => [
    {
      state: "warn",
      what,
      remedy:
        "Set MAINSPRING_TOKEN to an administrator's token, or name the server's data folder with --data.",
    },
  ];
  if (token === null)
    return unseen("The server's numbers were not looked at: there is no key to sign a token with.");
  const answer = await callServer({ url, path: "/v1/admin/performance", token });
  if (answer.status !== OK) return unseen(`The server's numbers can't be seen. ${complaintOf(answer)}`);
  return findingsOf(answer.body as ServerStats);
}

/** What the numbers say. */
export function findingsOf(stats: ServerStats): Finding[] {
  const { memoryStats, serviceStats } = stats;
  const findings = [...cacheFindings(stats), ...loadFindings(stats), ...requestFindings(stats)];
  const { rssBytes } = memoryStats;
  if (rssBytes > totalmem() / 2) {
    findings.push({
      state: "warn",
      what: `The server uses ${Math.round(rssBytes / MIB)} MiB, more than half of this machine's memory.`,
      remedy: "Give the machine more memory.",
    });
  }
  if (
    serviceStats.conflicts * COMMITS_PER_CONFLICT > serviceStats.commits &&
    serviceStats.conflicts > COMMITS_PER_CONFLICT
  ) {
    findings.push({
      state: "warn",
      what: `${serviceStats.conflicts} of ${serviceStats.commits} commits met another's.`,
      remedy: "Send the requests of one player to one server.",
    });
  }
  for (const code of ALARMING) {
    const count = serviceStats.errors[code] ?? 0;
    if (count > 0)
      findings.push({
        state: "warn",
        what: `${count} requests ended with ${code}.`,
        remedy: "See docs/errors.md and the server's log.",
      });
  }
  if (serviceStats.quarantined > THRESHOLDS.MainspringRecordsQuarantined) {
    findings.push({
      state: "fail",
      what: `${serviceStats.quarantined} damaged records were put in quarantine.`,
      remedy: "Look for the cause, and put the players' records back: POST /v1/admin/players/{id}/restore.",
    });
  }
  if (findings.length > 0) return findings;
  return [{ state: "ok", what: "The server's numbers are as they should be." }];
}
