/** Each failure of AWS becomes an error of the table that says what to do, and gives nothing away. */
import { ERROR_TABLE, MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { FAILURES, failureOf } from "../../../src/store/dynamodb/errors.js";

const WHAT = "The record can't be written";

function awsError(name: string, fields: object = {}): Error {
  return Object.assign(new Error("as AWS says it"), { name, ...fields });
}

const EXPECTED: readonly (readonly [name: string, kind: string, code: string, says: RegExp])[] = [
  ["ConditionalCheckFailedException", "condition", "STORE_UNAVAILABLE", /not what it was expected/],
  ["ProvisionedThroughputExceededException", "refused", "OVERLOADED", /fewer requests/],
  ["ThrottlingException", "refused", "OVERLOADED", /fewer requests/],
  ["RequestLimitExceeded", "refused", "OVERLOADED", /fewer requests/],
  ["LimitExceededException", "refused", "OVERLOADED", /fewer requests/],
  ["ReplicatedWriteConflictException", "refused", "OVERLOADED", /another region/i],
  ["InternalServerError", "unsure", "STORE_UNAVAILABLE", /failure of its own/],
  ["InternalFailure", "unsure", "STORE_UNAVAILABLE", /failure of its own/],
  ["ServiceUnavailableException", "unsure", "STORE_UNAVAILABLE", /failure of its own/],
  ["ResourceNotFoundException", "final", "STORE_UNAVAILABLE", /mainspring dynamodb create-tables/],
  ["TableNotFoundException", "final", "STORE_UNAVAILABLE", /mainspring dynamodb create-tables/],
  ["ResourceInUseException", "refused", "STORE_UNAVAILABLE", /until it is active/],
  ["AccessDeniedException", "final", "CONFIG_INVALID", /docs\/dynamodb\.md/],
  ["UnrecognizedClientException", "final", "CONFIG_INVALID", /credentials/],
  ["InvalidSignatureException", "final", "CONFIG_INVALID", /clock/],
  ["SignatureDoesNotMatch", "final", "CONFIG_INVALID", /clock/],
  ["IncompleteSignatureException", "final", "CONFIG_INVALID", /credentials/],
  ["MissingAuthenticationTokenException", "final", "CONFIG_INVALID", /credentials/],
  ["InvalidClientTokenId", "final", "CONFIG_INVALID", /credentials/],
  ["ExpiredTokenException", "refused", "STORE_UNAVAILABLE", /renewed/],
  ["CredentialsProviderError", "refused", "STORE_UNAVAILABLE", /AWS_ACCESS_KEY_ID/],
  ["TokenProviderError", "refused", "STORE_UNAVAILABLE", /AWS_ACCESS_KEY_ID/],
  ["ValidationException", "final", "INTERNAL", /as AWS says it/],
  ["SerializationException", "final", "INTERNAL", /as AWS says it/],
  ["UnknownOperationException", "final", "INTERNAL", /as AWS says it/],
  ["TimeoutError", "unsure", "STORE_UNAVAILABLE", /longer than/],
  ["AbortError", "unsure", "STORE_UNAVAILABLE", /longer than/],
];

const SYSTEM_ERRORS: readonly (readonly [code: string, kind: string])[] = [
  ["ETIMEDOUT", "unsure"],
  ["ECONNREFUSED", "refused"],
  ["ENOTFOUND", "refused"],
  ["EAI_AGAIN", "refused"],
  ["EHOSTUNREACH", "refused"],
  ["ENETUNREACH", "refused"],
  ["ECONNRESET", "unsure"],
  ["EPIPE", "unsure"],
  ["UND_ERR_SOCKET", "unsure"],
];

describe("a failure of AWS", () => {
  it.each(EXPECTED)("%s is %s and %s", (name, kind, code, says) => {
    const failure = failureOf(awsError(name), WHAT);
    expect([failure.kind, failure.error.code]).toEqual([kind, code]);
    expect(failure.error.message).toMatch(says);
    expect(failure.error.message.startsWith(`${WHAT}: `)).toBe(true);
  });

  it.each(SYSTEM_ERRORS)("with the system's %s is %s, and the store unavailable", (code, kind) => {
    const error = Object.assign(new Error("connect"), { code });
    for (const cause of [error, new Error("fetch failed", { cause: error })]) {
      const failure = failureOf(cause, WHAT);
      expect([failure.kind, failure.error.code]).toEqual([kind, "STORE_UNAVAILABLE"]);
    }
  });

  it("has each row of the table tried here", () => {
    const tried = [
      ...EXPECTED.map(([name]) => name.replace(/Exception$/, "")),
      ...SYSTEM_ERRORS.map(([code]) => code),
    ];
    expect(Object.keys(FAILURES).sort()).toEqual(tried.sort());
    for (const { code } of Object.values(FAILURES)) expect(ERROR_TABLE).toHaveProperty(code);
  });

  it("that is an item's size is RECORD_TOO_LARGE, whatever the operation calls it", () => {
    for (const message of [
      "Item size has exceeded the maximum allowed size",
      "Item size to update has exceeded the maximum allowed size",
    ]) {
      const cause = Object.assign(new Error(message), { name: "ValidationException" });
      const { kind, error } = failureOf(cause, WHAT);
      expect([kind, error.code]).toEqual(["final", "RECORD_TOO_LARGE"]);
    }
  });

  it("says which limit it was that throttled, on what and by whose rule", () => {
    const reasons: readonly (readonly [reason: string, says: string])[] = [
      ["TableWriteProvisionedThroughputExceeded", "writes on the table, more than its provisioned capacity"],
      ["IndexReadProvisionedThroughputExceeded", "reads on the index, more than its provisioned capacity"],
      ["TableReadAccountLimitExceeded", "reads on the table, more than the account's quota"],
      ["TableWriteKeyRangeThroughputExceeded", "writes on the table, more than one partition takes"],
      [
        "TableWriteMaxOnDemandThroughputExceeded",
        "writes on the table, more than the maximum set for the table",
      ],
      ["SomethingNew", "SomethingNew"],
    ];
    for (const [reason, says] of reasons) {
      for (const field of ["ThrottlingReasons", "throttlingReasons"]) {
        const cause = awsError("ThrottlingException", {
          [field]: [{ reason, resource: "arn:aws:secret-account" }],
        });
        const { error, isThrottle } = failureOf(cause, WHAT);
        expect(isThrottle).toBe(true);
        expect(error.message).toContain(says);
        expect(error.details).toEqual({ throttling: [reason] });
        expect(JSON.stringify([error.message, error.details])).not.toContain("arn:");
      }
    }
  });

  it("without a known name is judged by its status", () => {
    const at = (httpStatusCode: number) =>
      failureOf(awsError("Odd", { $metadata: { httpStatusCode } }), WHAT);
    expect([at(500), at(503)].map(({ kind }) => kind)).toEqual(["unsure", "unsure"]);
    expect([at(429).kind, at(429).error.code]).toEqual(["refused", "OVERLOADED"]);
    expect([at(400).kind, at(400).error.code]).toEqual(["final", "INTERNAL"]);
    // Whatever is not understood at all may have happened.
    for (const cause of [
      awsError("Odd"),
      "thrown text",
      awsError("Odd", { $metadata: { httpStatusCode: 200 } }),
    ]) {
      const failure = failureOf(cause, WHAT);
      expect([failure.kind, failure.error.code]).toEqual(["unsure", "STORE_UNAVAILABLE"]);
    }
  });

  it("asks for a region where there is none", () => {
    const { kind, error } = failureOf(new Error("Region is missing"), WHAT);
    expect([kind, error.code]).toEqual(["final", "CONFIG_INVALID"]);
    expect(error.message).toContain("AWS_REGION");
  });

  it("carries neither the request nor its signature along, and of credentials not even a word", () => {
    const secrets = { $response: { request: { authorization: "AWS4-SECRET-SIGNATURE" } } };
    for (const [name] of EXPECTED) {
      const text = name === "ValidationException" ? "a mistake" : "SECRET-TEXT";
      const cause = Object.assign(new Error(text), { name, ...secrets });
      const { error } = failureOf(cause, WHAT);
      const shown = JSON.stringify([error.message, error.details, { ...(error.cause as object) }]);
      expect(shown).not.toContain("SECRET-SIGNATURE");
      if (/Access|Client|Signature|Token|Credentials/.test(name)) {
        expect([error.cause, error.message.includes(text)]).toEqual([undefined, false]);
      }
    }
  });

  it("of our own connections is refused only where it was never sent, and unsure else", () => {
    const of = (code: "OVERLOADED" | "STORE_UNAVAILABLE" | "SHUTTING_DOWN", mayHaveHappened: boolean) => {
      const { kind, error } = failureOf(
        new MainspringError(code, "As the pool says.", { mayHaveHappened }),
        WHAT,
      );
      return [kind, error.code];
    };
    expect(of("OVERLOADED", false)).toEqual(["refused", "OVERLOADED"]);
    expect(of("STORE_UNAVAILABLE", false)).toEqual(["refused", "STORE_UNAVAILABLE"]);
    expect(of("STORE_UNAVAILABLE", true)).toEqual(["unsure", "STORE_UNAVAILABLE"]);
    expect(of("SHUTTING_DOWN", false)).toEqual(["refused", "STORE_UNAVAILABLE"]);
    expect(failureOf(new MainspringError("STORE_UNAVAILABLE", "Who knows."), WHAT).kind).toBe("unsure");
    const aborted = (mayHaveHappened: boolean) =>
      failureOf(awsError("AbortError", { details: { mayHaveHappened } }), WHAT).kind;
    expect([aborted(false), aborted(true)]).toEqual(["refused", "unsure"]);
  });
});
