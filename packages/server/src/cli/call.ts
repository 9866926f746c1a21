/** `mainspring call`: one request to a running server, for machines without curl. */
import { MainspringError } from "@mainspring/core";
import { callServer, complaintOf, ownToken } from "./api-client.js";
import type { Environment } from "./settings.js";

export interface CallSettings {
  readonly url: string;
  readonly data: string;
  readonly as?: string;
  readonly admin?: boolean;
  readonly key?: string;
}

const METHODS = ["GET", "POST", "PUT", "DELETE"];

/** From here on an answer is a refusal. */
const FIRST_REFUSAL = 400;

/** Prints the answer. @throws MainspringError `CONFIG_INVALID` with what a refusal says. */
export async function call(
  { method, path, body }: { method: string; path: string; body: string | undefined },
  settings: CallSettings,
  { env, print }: { env: Environment; print: (line: string) => void },
): Promise<void> {
  const verb = method.toUpperCase();
  if (!METHODS.includes(verb))
    throw new MainspringError("CONFIG_INVALID", `The method is one of ${METHODS.join(", ")}, not ${method}.`);
  if (!path.startsWith("/"))
    throw new MainspringError("CONFIG_INVALID", "The path starts with /, for example /v1/players/ada.");
  const { url, key } = settings;
  const answer = await callServer({
    url,
    method: verb,
    path,
    token: await tokenFor(settings, env),
    body,
    key,
  });
  if (answer.status >= FIRST_REFUSAL) throw new MainspringError("CONFIG_INVALID", complaintOf(answer));
  print(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body, null, 2));
}

/** Whom it is for: a player, an administrator, who the environment's token says, or nobody. */
async function tokenFor(
  { as, admin = false, data }: CallSettings,
  env: Environment,
): Promise<string | undefined> {
  if (as === undefined && !admin) return env["MAINSPRING_TOKEN"];
  return ownToken(env, data, { playerId: as ?? "mainspring-cli", isAdmin: admin });
}
