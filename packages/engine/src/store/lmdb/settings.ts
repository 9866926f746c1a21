/** Settings in the embedded store: each document with its version before it. */
import type { Store, StoredSettings } from "../../ports.js";
import { assertSettings, assertSettingsName } from "../check-keys.js";
import { textOf } from "./layout.js";
import type { Parts } from "./parts.js";

export function createSettings({
  tables,
  commits,
  read,
}: Parts): Pick<Store, "readSettings" | "putSettings"> {
  return {
    async readSettings(name) {
      assertSettingsName(name);
      return read(() => settingsOf(tables.settings.getBinary(name)));
    },
    async putSettings(name, document, expectedVersion) {
      assertSettings(name, document);
      const version = expectedVersion + 1;
      const value = Buffer.from(`${version} ${document}`, "utf8");
      return commits.submit({
        writeCount: 1,
        sizeBytes: value.length,
        decide(batch) {
          const present = settingsOf(batch.peek(tables.settings, name));
          if ((present?.version ?? 0) !== expectedVersion) return false;
          batch.put(tables.settings, name, value);
          return true;
        },
      });
    },
  };
}

function settingsOf(value: Uint8Array | undefined): StoredSettings | null {
  if (value === undefined) return null;
  const text = textOf(value);
  const gap = text.indexOf(" ");
  return { version: Number(text.slice(0, gap)), document: text.slice(gap + 1) };
}
