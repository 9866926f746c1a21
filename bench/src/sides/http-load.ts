/** Puts load on a server from a process of its own, and says what came back. */
import autocannon from "autocannon";
import { answerQuestions, type Answering } from "./side.js";

export interface LoadRequest {
  readonly method: "GET";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadQuestion {
  readonly url: string;
  readonly requests: readonly LoadRequest[];
  readonly connectionCount: number;
  readonly durationSeconds: number;
  /** Left out: as many as the server answers. */
  readonly requestsPerSecond?: number;
}

export interface LoadAnswer {
  readonly requestCount: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const answer: Answering<LoadQuestion, LoadAnswer> = async (question) => {
  const { url, requests, connectionCount, durationSeconds, requestsPerSecond } = question;
  const result = await autocannon({
    url,
    requests: requests.map(({ method, path, headers }) => ({ method, path, headers: { ...headers } })),
    connections: connectionCount,
    duration: durationSeconds,
    ...(requestsPerSecond === undefined ? {} : { overallRate: requestsPerSecond }),
  });
  const failedCount = result.errors + result.timeouts + result.non2xx;
  if (failedCount > 0) throw new Error(`${failedCount} of ${result.requests.total} requests failed.`);
  return {
    requestCount: result["2xx"],
    requestsPerSecond: result["2xx"] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
};

answerQuestions(answer);
