/** Which methods an address has: to tell a wrong method from a wrong address. */

export interface MethodsOfPath {
  add(route: { readonly url: string; readonly method: string | string[] }): void;
  /** The methods of a path, sorted; none if there is no such address. */
  find(path: string): readonly string[];
}

export function createMethodsOfPath(): MethodsOfPath {
  const routes: { readonly parts: readonly string[]; readonly methods: ReadonlySet<string> }[] = [];
  return {
    add({ url, method }) {
      routes.push({ parts: url.split("/"), methods: new Set([method].flat()) });
    },
    find(path) {
      const parts = path.split("/");
      const fitting = routes.filter((route) => fits(route.parts, parts));
      return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, index) => (part.startsWith(":") ? parts[index] !== "" : part === parts[index]));
}
