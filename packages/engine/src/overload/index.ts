/** `@mainspring/engine/overload`: how many requests may be under way, and who goes first when there are more. */
export { createOverloadLimit, type CreateOverloadLimitOptions } from "./create-overload-limit.js";
