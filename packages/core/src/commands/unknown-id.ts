/** The error for an id that the catalog doesn't have. */
import { type ErrorCode, MainspringError } from "../errors.js";

/** An error that names the unknown id (shortened) and, if there is one, the id that was probably meant. */
export function unknownId(
  code: ErrorCode,
  what: string,
  id: string,
  didYouMean: string | null,
): MainspringError {
  const shown = id.length > 64 ? `${id.slice(0, 64)}…` : id;
  const hint = didYouMean === null ? "" : ` Did you mean "${didYouMean}"?`;
  return new MainspringError(
    code,
    `The catalog has no ${what} "${shown}".${hint}`,
    didYouMean === null ? {} : { didYouMean },
  );
}
