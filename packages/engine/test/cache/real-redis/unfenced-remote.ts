/** A second tier without a fence: what is put stays, whatever is newer; nothing is dropped, nobody is told. The checker must find it out. */
import { NO_STAMP } from "../../../src/cache/stamp.js";
import type { Look, Remote, RemoteValue, Subject } from "../../../src/cache/remote.js";

const ALWAYS_TRUSTED = { isTrusted: true, ageMs: 0, expiresInMs: 600_000 } as const;

/** @param values what all instances share */
export function unfenced(remote: Remote, values: Map<string, RemoteValue>): Remote {
  const nameOf = ({ group, key }: Subject, namespace: string) => `${group} ${key} ${namespace}`;
  return {
    ...remote,
    look: async (requests) =>
      requests.map(({ subject, namespace }): Look => {
        const value = values.get(nameOf(subject, namespace));
        return value === undefined
          ? { status: "miss", floor: NO_STAMP, isLeased: true }
          : { status: "hit", stamp: value.stamp, bytes: value.bytes, ...ALWAYS_TRUSTED };
      }),
    async put({ subject, namespace, value }) {
      values.set(nameOf(subject, namespace), value);
      return true;
    },
    async fill({ subject, namespace, value }) {
      values.set(nameOf(subject, namespace), value);
      return true;
    },
    async drop() {
      await Promise.resolve();
    },
  };
}
