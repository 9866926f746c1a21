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
}

export interface LoadAnswer {
  readonly requestCount: number;
  readonly requestsPerSecond: number;
}

const answer: Answering<LoadQuestion, LoadAnswer> = async (question) => {
  const { url, connectionCount, durationSeconds } = question;
  const requests = question.requests.map(({ method, path, headers }) => ({
    method,
    path,
    headers: { ...headers },
  }));
  const result = await autocannon({
    url,
    requests,
    connections: connectionCount,
    duration: durationSeconds,
  });
  const { errors, timeouts, non2xx } = result;
  if (errors + non2xx > 0) {
    throw new Error(
      `Of ${result.requests.total} requests ${non2xx} were refused, ${errors} failed, ${timeouts} of them for want of time.`,
    );
  }
  return {
    requestCount: result["2xx"],
    requestsPerSecond: result["2xx"] / result.duration,
  };
};

answerQuestions(answer);
