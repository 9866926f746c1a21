/** The commands that talk to a server, in processes of their own. */
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { describe, expect, it } from "vitest";
import { run, serve, temporaryFolder } from "../support/run-command.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";

describe("token", () => {
  it("prints a token and nothing else", async () => {
    const { code, stdout, stderr } = await run(["token", "--player", "ada", "--expires", "15m"], {
      env: { MAINSPRING_JWT_SECRET: SECRET },
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { sub, iat = 0, exp = 0, scope } = decodeJwt(stdout.trim());
    expect([sub, exp - iat, scope]).toEqual(["ada", 900, undefined]);
  });

  it("takes an empty variable for none, as serve does", async () => {
    const env = { MAINSPRING_JWT_SECRET: SECRET, MAINSPRING_DATA: "", MAINSPRING_URL: "" };
    const { code, stderr } = await run(["token", "--player", "ada"], { env });
    expect([code, stderr]).toEqual([0, ""]);
    const told = await run(["player", "ada"], { env });
    expect(told.stderr).not.toContain("from env");
  });

  it("is an administrator's if that was asked for, and carries the claims that the server will ask for", async () => {
    const env = {
      MAINSPRING_JWT_SECRET: SECRET,
      MAINSPRING_JWT_ISSUER: "game",
      MAINSPRING_JWT_AUDIENCE: "mainspring",
    };
    const { stdout } = await run(["token", "--player", "ops", "--admin"], { env });
    expect(decodeJwt(stdout.trim())).toMatchObject({
      sub: "ops",
      scope: "admin",
      iss: "game",
      aud: "mainspring",
    });
  });

  it("needs a key, a player and a time that is one", async () => {
    const data = temporaryFolder();
    const keyless = await run(["token", "--player", "ada", "--data", data]);
    expect([keyless.code, keyless.stderr]).toEqual([
      1,
      expect.stringContaining(`${data} has no development-key`),
    ]);
    expect((await run(["token"])).stderr).toContain("required option '--player <id>' not specified");
    expect((await run(["token", "--player", "ada", "--expires", "soon"])).stderr).toContain(
      "It must be a time such as",
    );
    writeFileSync(join(data, "development-key"), "short");
    expect((await run(["token", "--player", "ada", "--data", data])).stderr).toContain(
      "is damaged. Delete it",
    );
  });

  it("takes a development key back into private hands", async () => {
    const { data } = await serve();
    const path = join(data, "development-key");
    chmodSync(path, 0o644);
    expect((await run(["token", "--player", "ada", "--data", data])).code).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("call", () => {
  it("prints what a server answers, and what it refuses", async () => {
    const { url, data } = await serve();
    const at = ["--url", url, "--data", data];
    const good = await run(["call", "get", "/healthz", ...at]);
    expect(good).toEqual({ code: 0, stdout: '{\n  "status": "ok"\n}\n', stderr: "" });
    const refused = await run(["call", "GET", "/v1/players/ada", "--as", "bob", ...at]);
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: "mainspring: FORBIDDEN: The token is another player's.\n",
    });
    const once = ["call", "POST", "/v1/players/ada/queue/pause", "--as", "ada", "--key", "k", ...at];
    await run(once);
    expect(JSON.parse((await run(once)).stdout)).toMatchObject({ replayed: true });
    const { stdout: token } = await run(["token", "--player", "cleo", "--data", data]);
    const env = { MAINSPRING_TOKEN: token.trim(), MAINSPRING_URL: url };
    expect(JSON.parse((await run(["call", "GET", "/v1/players/cleo"], { env })).stdout)).toMatchObject({
      playerId: "cleo",
    });
  });

  it("says when it is used wrongly, or when nobody answers", async () => {
    const nobody = ["--url", "http://127.0.0.1:9"];
    expect((await run(["call", "PATCH", "/", ...nobody])).stderr).toMatch(
      /^mainspring: The method is one of GET, POST, PUT, DELETE, not PATCH\.\n$/,
    );
    expect((await run(["call", "GET", "v1", ...nobody])).stderr).toMatch(
      /^mainspring: The path starts with \//,
    );
    expect((await run(["call", "GET", "/healthz", "--url", "http://127.0.0.1:1"])).stderr).toMatch(
      /^mainspring: No server answers at http:\/\/127\.0\.0\.1:1 \(.+\)\. .*--url\.\n$/,
    );
  });
});

describe("player", () => {
  it("shows a player and the queue", async () => {
    const { url, data } = await serve();
    const at = ["--url", url, "--data", data];
    const tasks =
      '{"tasks":[{"activity":"sift-scrapyard","repeat":2},{"activity":"sift-scrapyard","until":{"skills":{"salvaging":2}}}]}';
    await run(["call", "POST", "/v1/players/ada/queue/tasks", tasks, "--as", "ada", ...at]);
    const { code, stdout, stderr } = await run(["player", "ada", ...at]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ada, revision 1, 20\d\d-/);
    expect(stdout).toMatch(/\n {2}items {5}.*12 brass-scrap/);
    expect(stdout).toMatch(/\nqueue running, empty (about )?in /);
    expect(stdout).toMatch(/\n {2}1 {2}sift-scrapyard, 0 of 2, next cycle in [0-9.]+ s, ends in [0-9.]+ s\n/);
    expect(stdout).toMatch(/\n {2}2 {2}sift-scrapyard, 0 of ∞, starts in /);
    const nobody = await run(["player", "nobody", ...at]);
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringMatching(/^mainspring: PLAYER_NOT_FOUND: /),
    ]);
  });
});

describe("doctor", () => {
  it("finds nothing wrong with a server that is well", async () => {
    const { url, data } = await serve();
    const { code, stdout, stderr } = await run(["doctor", "--url", url, "--data", data]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ok {4}Node\.js /);
    expect(stdout).toContain("ok    A server runs on it.");
    expect(stdout).toContain(`ok    A server answers at ${url} and is ready.`);
    expect(stdout).toMatch(/0 failed/);
  });

  it("looks into the store when no server runs, and says what to do where none ever ran", async () => {
    const { url, data, child, ended } = await serve();
    child.kill("SIGTERM");
    await ended;
    const at = ["--url", url, "--data", data];
    const { code, stdout } = await run(["doctor", ...at]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok {4}Its newest catalog is clockwork-foundry [0-9a-f]{32}\./);
    expect(stdout).toContain("ok    No record is in quarantine.");
    expect(stdout).toMatch(/warn {2}No server answers at /);
    const empty = await run(["doctor", "--url", url, "--data", join(temporaryFolder(), "data")]);
    expect([empty.code, empty.stdout]).toEqual([0, expect.stringContaining("the first start makes one")]);
  });

  it("fails where a record is in quarantine, or the folder is none", async () => {
    const { url, data, child, ended } = await serve();
    child.kill("SIGTERM");
    await ended;
    const store = await openLmdbStore({ folder: data });
    const record = { playerId: "ada", incarnation: 1, version: 1, bytes: new Uint8Array([1]) };
    await store.quarantine(record, "the checksum is wrong", 1);
    await store.close();
    const { code, stdout } = await run(["doctor", "--url", url, "--data", data]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /fail {2}One damaged record is in quarantine, for example ada's: the checksum is wrong\n {6}\S/,
    );
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const odd = await run(["doctor", "--url", url, "--data", file]);
    expect([odd.code, odd.stdout]).toEqual([1, expect.stringContaining(`fail  ${file} is no folder.`)]);
  });
});

describe("help", () => {
  it("tells of every command and its flags", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    for (const command of ["serve", "catalog", "token", "call", "player", "doctor"])
      expect(stdout).toContain(`  ${command} `);
    const help = (await run(["serve", "--help"])).stdout;
    for (const flag of [
      "--port",
      "--host",
      "--store",
      "--data",
      "--catalog",
      "--config",
      "--dev",
      "--log-level",
    ])
      expect(help).toContain(flag);
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("suggests the command that was probably meant", async () => {
    const { code, stderr } = await run(["serv"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("(Did you mean serve?)")]);
  });
});
