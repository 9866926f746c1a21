/** What every second tier must do, as cases that run on each. */
import { changesOfOthers, closing, recency } from "./contract/changes.js";
import { membership } from "./contract/membership.js";
import type { RemoteCase } from "./contract/remote-case.js";
import { ages, leases, values } from "./contract/values.js";

export type { RemoteCase, RemoteFixture } from "./contract/remote-case.js";

export const remoteCases: readonly RemoteCase[] = [
  ...values,
  ...ages,
  ...leases,
  ...changesOfOthers,
  ...membership,
  ...recency,
  ...closing,
];
