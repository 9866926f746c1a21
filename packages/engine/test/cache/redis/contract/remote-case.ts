/** A sentence about second tiers, and its proof on any of them. */
import type { Remote } from "../../../../src/cache/remote.js";
import { bytesOf, stamp } from "../requests.js";

export interface RemoteFixture {
  /** Another instance's connection. The fixture closes it. */
  readonly connect: () => Promise<Remote>;
  /** Forgets everything. */
  readonly flush: () => Promise<void>;
  /** Lets a moment pass. */
  readonly pass: () => void;
}

export interface RemoteCase {
  readonly name: string;
  readonly prove: (fixture: RemoteFixture) => Promise<void>;
}

/** What a look finds of a version. */
export const hit = (version: number, text = `version ${version}`) => ({
  status: "hit",
  stamp: stamp(version),
  bytes: bytesOf(text),
});
