// The lint rules of this repository that no stock rule covers.
import { posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { roomOf } from "./rooms.mjs";

/** @typedef {import("./rooms.mjs").Room} Room */
/** @typedef {import("@oxlint/plugins").Rule} Rule */
/** @typedef {import("@oxlint/plugins").ESTree.Expression} Expression */

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Holds imports of every form (static, re-exported, dynamic, types) to the plan in rooms.mjs.
 *
 * @type {Rule}
 */
const direction = {
  create(context) {
    const path = relative(root, context.filename).split(sep).join("/");
    const room = roomOf(path);
    /** @param {Expression | null} source */
    const check = (source) => {
      if (source === null) return;
      const message = objection(source, { path, room });
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      Program(node) {
        if (room === undefined) {
          context.report({ node, message: `No room in scripts/lint/rooms.mjs claims ${path}.` });
        }
      },
      ImportDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

/**
 * @param {Expression} source
 * @param {{ path: string, room: Room | undefined }} importer
 * @returns {string | undefined} what is wrong with this import, if anything
 */
function objection(source, { path, room }) {
  if (room === undefined) return undefined;
  if (source.type !== "Literal" || typeof source.value !== "string") {
    return "The linter must be able to see what is imported: write it as a plain string.";
  }
  const specifier = source.value;
  if (!specifier.startsWith(".")) {
    const seen = room.packages.some((name) => specifier === name || specifier.startsWith(asPrefix(name)));
    return seen
      ? undefined
      : `${room.name} may not import ${specifier}; it may import: ${list(room.packages)}.`;
  }
  const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
  const other = roomOf(target);
  if (other === room || (other !== undefined && room.sees.includes(other.name))) return undefined;
  return `${room.name} may not import ${other?.name ?? target}; it may import itself and: ${list(room.sees)}.`;
}

/** @param {string} name */
function asPrefix(name) {
  return name.endsWith(":") ? name : `${name}/`;
}

/** @param {string[]} names */
function list(names) {
  return names.length === 0 ? "nothing" : names.join(", ");
}

/**
 * `**` on numbers is as inexact as Math.pow, and may differ between JavaScript engines; on BigInt it is exact.
 * The rule wants to see that an operand is a BigInt: a literal (`10n`), a conversion (`BigInt(n)`), or a name
 * declared as `bigint`.
 *
 * @type {Rule}
 */
const noFloatPower = {
  create(context) {
    const message =
      "Use ** on BigInt only, with an operand that shows it: 10n, BigInt(n), or declared as bigint.";
    /** @param {import("@oxlint/plugins").ESTree.Node} operand */
    const isBigInt = (operand) => {
      if (operand.type === "Literal") return typeof operand.value === "bigint";
      if (operand.type === "CallExpression") return isNamed(operand.callee, "BigInt");
      return (
        operand.type === "Identifier" && isDeclaredBigInt(operand.name, context.sourceCode.getScope(operand))
      );
    };
    return {
      BinaryExpression(node) {
        if (node.operator === "**" && !isBigInt(node.left) && !isBigInt(node.right)) {
          context.report({ node, message });
        }
      },
      AssignmentExpression(node) {
        if (node.operator === "**=" && !isBigInt(node.left) && !isBigInt(node.right)) {
          context.report({ node, message });
        }
      },
    };
  },
};

/**
 * @param {import("@oxlint/plugins").ESTree.Node} node
 * @param {string} name
 */
function isNamed(node, name) {
  return node.type === "Identifier" && node.name === name;
}

/**
 * @param {string} name
 * @param {import("@oxlint/plugins").Scope | null} innermost
 */
function isDeclaredBigInt(name, innermost) {
  for (let scope = innermost; scope !== null; scope = scope.upper) {
    const variable = scope.set.get(name);
    if (variable === undefined) continue;
    return variable.identifiers.some(
      (identifier) =>
        "typeAnnotation" in identifier &&
        identifier.typeAnnotation?.typeAnnotation.type === "TSBigIntKeyword",
    );
  }
  return false;
}

export default {
  meta: { name: "mainspring" },
  rules: { direction, "no-float-power": noFloatPower },
};
