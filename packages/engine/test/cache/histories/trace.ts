/** What a history has to say for itself: lines for a reader, and a digest that tells two histories apart. */
import { createHash } from "node:crypto";

export interface TraceLine {
  readonly atMs: number;
  /** What it is about: a subject; `null`: everybody. */
  readonly subject: string | null;
  readonly who: string;
  readonly text: string;
}

export interface Trace {
  add(line: TraceLine): void;
  /** The last lines about a subject, and about everybody, for a reader. */
  about(subject: string | null, maxLines: number): string;
  digest(): string;
}

export function createTrace(): Trace {
  const lines: TraceLine[] = [];
  return {
    add(line) {
      lines.push(line);
    },
    about(subject, maxLines) {
      const told = lines.filter((line) => line.subject === null || line.subject === subject);
      const last = told.slice(-maxLines);
      const omitted = told.length - last.length;
      return [...(omitted > 0 ? [`  … ${omitted} lines before`] : []), ...last.map(lineText)].join("\n");
    },
    digest() {
      const hash = createHash("sha256");
      for (const line of lines) hash.update(`${lineText(line)}\n`);
      return hash.digest("hex");
    },
  };
}

function lineText({ atMs, subject, who, text }: TraceLine): string {
  return `  ${atMs.toFixed(3).padStart(10)}  ${who.padEnd(4)} ${subject ?? "*"}: ${text}`;
}
