// Takes the commands of this project out of a shell script, to compare them with what there is.

export interface ShellCommands {
  /** The scripts run by `npm run …`, `npm test` and `npm start`. */
  readonly npmScripts: readonly string[];
  /** The arguments of each `mainspring …`, also within `$(…)`. */
  readonly mainspringArgs: readonly (readonly string[])[];
}

export function shellCommandsIn(script: string): ShellCommands {
  const code = script.replaceAll("\\\n", " ").replaceAll(/^\s*#.*$/gm, "");
  const npmScripts = [...code.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)];
  const mainsprings = [...code.matchAll(/(?:^|[\s;&|(`])mainspring(?![\w-])([^\n;&|)`]*)/g)];
  return {
    npmScripts: npmScripts.map(([, named, short]) => named ?? short ?? ""),
    mainspringArgs: mainsprings.map(([, args = ""]) => args.split(/\s+/).filter((arg) => arg !== "")),
  };
}

/**
 * What is wrong with the arguments of a `mainspring` command, by its own help; nothing if all is well.
 *
 * @param args as they were written
 * @param helpOf what `mainspring` prints for these words and `--help`
 */
export function objectionTo(
  args: readonly string[],
  helpOf: (words: readonly string[]) => string,
): string | undefined {
  if (args.length === 1 && args[0] === "--help") return undefined;
  const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
  const words = firstFlag === -1 ? args : args.slice(0, firstFlag);
  const help = helpOf(words);
  const usage = /^Usage: mainspring (.*)$/m.exec(help)?.[1]?.split(" ") ?? [];
  const command = usage.filter((word) => /^[\w-]+$/.test(word));

  // For an unknown command, and for one that lacks its second word, the help is that of what stands above it.
  const isWhole = usage.length > 0 && !usage.includes("[command]");
  if (!isWhole || command.some((word, index) => words[index] !== word)) {
    return `there is no command "mainspring ${words.join(" ")}"`;
  }
  const flags = args.filter((arg) => arg.startsWith("--")).map((arg) => arg.split("=")[0] ?? arg);
  const unknown = flags.find((flag) => !new RegExp(`${flag}(?![\\w-])`).test(help));
  return unknown && `"mainspring ${command.join(" ")}" has no ${unknown}`;
}
