/** The product as the laws see it: its public face, so that copies of it can be put to the same laws. */
import type * as core from "../../src/index.js";

export type Core = typeof core;
