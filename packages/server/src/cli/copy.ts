/** `mainspring copy`: from one store to another, and a comparison at the end. */
import { MainspringError } from "@mainspring/core";
import { loadLayersConfig, type Store } from "@mainspring/engine";
import { type CopyReport, copyStore } from "@mainspring/engine/copy";
import { InvalidArgumentError } from "commander";
import { describePlace, openStore, type StorePlace } from "./open-store.js";

/** Lines of progress are so far apart. */
const PROGRESS_MS = 5_000;

/** `lmdb:./data` or `dynamodb:mainspring-`. */
export function parsePlace(text: string): StorePlace {
  const [, kind, where = ""] = /^(lmdb|dynamodb):(.*)$/.exec(text) ?? [];
  if (kind === "lmdb" && where !== "") return { kind, data: where, tablePrefix: "" };
  if (kind === "dynamodb") return { kind, data: "", tablePrefix: where === "" ? "mainspring-" : where };
  throw new InvalidArgumentError("It must be lmdb:FOLDER or dynamodb:PREFIX-OF-THE-TABLES.");
}

export interface CopyWorld {
  readonly print: (line: string) => void;
  /** For what is of interest only now. */
  readonly tell: (line: string) => void;
}

/**
 * Copies, compares, and sums up.
 * @returns whether the copy is the original
 */
export async function copy(from: StorePlace, to: StorePlace, { print, tell }: CopyWorld): Promise<boolean> {
  if (describePlace(from) === describePlace(to)) {
    throw new MainspringError("INVALID_REQUEST", "Source and target are the same store.");
  }
  const source = await open(from);
  try {
    const target = await open(to);
    try {
      return sumUp(await copyStore({ from: source, to: target, onProgress: progress(tell) }), print);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function open(place: StorePlace): Promise<Store> {
  return openStore(place, loadLayersConfig({ preset: "production" }));
}

function progress(tell: (line: string) => void): (report: CopyReport) => void {
  let toldAtMs = performance.now();
  return ({ players, copied, compared }) => {
    if (performance.now() - toldAtMs < PROGRESS_MS) return;
    toldAtMs = performance.now();
    tell(`${players} players looked at, ${copied} copied, ${compared} compared …`);
  };
}

function sumUp(report: CopyReport, print: (line: string) => void): boolean {
  const { players, copied, events, snapshots, catalogs, quarantined, compared, differing } = report;
  print(
    `${players} players: ${copied} copied now, with ${events} events and ${snapshots} snapshots; the others were there.`,
  );
  print(`${catalogs} catalogs, ${quarantined} records in quarantine.`);
  if (differing === 0) {
    print(`${compared} players compared: every record, journal, mark and snapshot is the same.`);
    return true;
  }
  print(`${compared} players compared: ${differing} are not the same.`);
  for (const { playerId, what } of report.differences) print(`  ${playerId}: ${what}`);
  print("Was the source still served? Stop its servers and run this again: it goes on where it stopped.");
  return false;
}
