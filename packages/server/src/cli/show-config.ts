/** `mainspring config`: what `serve` would be told, and by whom, without a server. */
import { configJson, configTable, type ShowOptions } from "../config/config-table.js";
import { loadServeConfig, serveConfigOrThrow, type ServeSources } from "../config/load-serve-config.js";

export interface ShowConfigOptions extends ShowOptions {
  readonly isJson: boolean;
}

/** @throws MainspringError `CONFIG_INVALID` if there is a mistake, after it has printed what there is */
export function showConfig(
  sources: ServeSources,
  { isJson, ...options }: ShowConfigOptions,
  print: (line: string) => void,
): void {
  const loaded = loadServeConfig(sources);
  if (isJson) print(JSON.stringify(configJson(loaded, options), null, 2));
  else for (const line of configTable(loaded, options)) print(line);
  serveConfigOrThrow(loaded);
}
