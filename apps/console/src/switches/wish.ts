/** What an operator typed into the dialog, made into a setting, or what is wrong with it. */
import type { LayerSetting } from "../api/flags.js";
import type { Wish } from "./in-words.js";

export interface Draft {
  readonly choice: "off" | "share" | "all" | "configured";
  /** As typed. */
  readonly percent: string;
  /** Ids, one a line or with commas. */
  readonly players: string;
  readonly except: string;
  readonly isGuarded: boolean;
}

const ALL = 100;
const PLAYER_ID = /^[A-Za-z0-9._:@|-]{1,64}$/;

/**
 * @param configured what the configuration says
 * @returns the setting, or a sentence on what is wrong
 */
export function wishOf(draft: Draft, configured: LayerSetting): Wish | string {
  const { choice, percent, players, except, isGuarded } = draft;
  if (choice === "configured") return { ...configured, isGuarded };
  const share = choice === "share" ? Number(percent.replace(",", ".")) : choice === "all" ? ALL : 0;
  if (
    choice === "share" &&
    (percent.trim() === "" || !Number.isFinite(share) || share <= 0 || share >= ALL)
  ) {
    return "The share must be a number between 0 and 100.";
  }
  if (Math.round(share * 100) / 100 !== share) return "The share has two decimals at most.";
  const [always, never] = [idsOf(players), idsOf(except)];
  const odd = [...always, ...never].find((id) => !PLAYER_ID.test(id));
  if (odd !== undefined) return `“${odd.slice(0, 80)}” can't be a player's id.`;
  const both = always.find((id) => never.includes(id));
  if (both !== undefined) return `“${both}” can't be always on and always off.`;
  return { percent: share, players: always, except: never, isGuarded };
}

function idsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((id) => id !== ""))];
}

export function draftOf({ percent, players, except, isGuarded }: Wish): Draft {
  return {
    choice: percent === 0 ? "off" : percent === ALL ? "all" : "share",
    percent: percent === 0 || percent === ALL ? "10" : String(percent),
    players: players.join("\n"),
    except: except.join("\n"),
    isGuarded,
  };
}
