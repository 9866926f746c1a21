/** All panels, and the six that the overview shows. */
import type { Panel, Section } from "../readings/panel.js";
import { cache, hitRates } from "./cache.js";
import { eventLoop, memory, processSection } from "./process.js";
import { faults, latency, requestRates, requests } from "./requests.js";
import { store } from "./store.js";

export const SECTIONS: readonly Section[] = [requests, cache, store, processSection];

export const ALL_PANELS: readonly Panel[] = SECTIONS.flatMap(({ panels }) => panels);

export const OVERVIEW_PANELS: readonly Panel[] = [requestRates, latency, hitRates, faults, eventLoop, memory];
