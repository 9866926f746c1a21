/** The version of the rules: raised whenever `settle` or a command computes something else than before. */

/** Records and recorded vectors carry it. A process never touches a record of a version that it doesn't know. */
export const RULES_VERSION = 1;
