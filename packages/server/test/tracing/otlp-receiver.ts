/** Takes what a tracer sends, as a collector would. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** A span with those below it, oldest first. */
export interface SpanTree {
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Its end is not before any of its steps' ends. */
  readonly isClosedLast: boolean;
  readonly failure: string | null;
  readonly traceId: string;
  readonly parentSpanId: string | null;
  readonly steps: readonly SpanTree[];
}

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** All that came, as bytes. */
  text(): string;
  /** The spans that have no parent among those that came. */
  trees(): readonly SpanTree[];
  resource(): Readonly<Record<string, unknown>>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/v1/traces") bodies.push(Buffer.concat(chunks).toString("utf8"));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const sent = (): Sent["resourceSpans"] =>
    bodies.flatMap((body) => (JSON.parse(body) as Sent).resourceSpans);
  const spans = (): SentSpan[] =>
    sent().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.join("\n"),
    trees() {
      const all = spans();
      const known = new Set(all.map(({ spanId }) => spanId));
      return all.filter(({ parentSpanId = "" }) => !known.has(parentSpanId)).map((span) => treeOf(span, all));
    },
    resource: () => factsOf(sent().flatMap(({ resource }) => resource.attributes)),
  };
}

function treeOf(span: SentSpan, all: readonly SentSpan[]): SpanTree {
  const below = all
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .sort((one, other) => Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano)));
  return {
    name: span.name,
    facts: factsOf(span.attributes),
    isClosedLast: below.every(
      ({ endTimeUnixNano }) => BigInt(endTimeUnixNano) <= BigInt(span.endTimeUnixNano),
    ),
    failure: span.status.code === 2 ? (span.status.message ?? "") : null,
    traceId: span.traceId,
    parentSpanId: span.parentSpanId ?? null,
    steps: below.map((step) => treeOf(step, all)),
  };
}

function factsOf(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** A tree's names, each with those of its steps. */
export type Names = string | readonly [string, ...Names[]];

export function namesOf({ name, steps }: SpanTree): Names {
  return steps.length === 0 ? name : [name, ...steps.map(namesOf)];
}
