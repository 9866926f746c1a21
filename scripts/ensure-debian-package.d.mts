/** Types of ensure-debian-package.mjs, for those who are written in TypeScript. */
export declare function ensureDebianPackage(need: {
  readonly program: string;
  readonly packageName: string;
  readonly purpose: string;
}): string;
