/** `@mainspring/engine/copy`: moving from one store to another, and proving that nothing was lost on the way. */
export { type CopyOptions, type CopyReport, copyStore, type Difference } from "./copy-store.js";
