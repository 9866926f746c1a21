/** For whom a layer shall be on. */
import type { Layer } from "../api/flags.js";
import { settingInWords } from "./in-words.js";
import type { Draft } from "./wish.js";

export interface ChoiceFieldsProps {
  readonly draft: Draft;
  readonly layer: Layer;
  readonly onDraft: (draft: Draft) => void;
}

const SHARES: readonly string[] = ["1", "10", "25", "50"];

export function ChoiceFields({ draft, layer, onDraft }: ChoiceFieldsProps) {
  const { isOfWholeProcess } = layer;
  const isOwn = draft.choice !== "configured" && !isOfWholeProcess;
  return (
    <>
      <fieldset class="choices">
        <legend>{isOfWholeProcess ? "It shall be" : "It shall be on for"}</legend>
        {choicesOf(layer).map(([choice, label]) => (
          <label key={choice}>
            <input
              type="radio"
              name="choice"
              checked={draft.choice === choice}
              onChange={() => onDraft({ ...draft, choice })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      {isOwn && draft.choice === "share" && <ShareFields draft={draft} onDraft={onDraft} />}
      {isOwn && <ListFields draft={draft} onDraft={onDraft} />}
      {isOwn && (
        <label class="check">
          <input
            type="checkbox"
            checked={draft.isGuarded}
            onChange={(event) => onDraft({ ...draft, isGuarded: event.currentTarget.checked })}
          />
          <span>Let the guard watch, and take it back if players fare worse with it</span>
        </label>
      )}
    </>
  );
}

function choicesOf(layer: Layer): readonly (readonly [Draft["choice"], string])[] {
  const own: readonly (readonly [Draft["choice"], string])[] = layer.isOfWholeProcess
    ? [
        ["off", "Off"],
        ["all", "On"],
      ]
    : [
        ["off", "Nobody"],
        ["share", "A share of players"],
        ["all", "Everybody"],
      ];
  // What was never switched is as configured already.
  if (layer.changedAtMs === null) return own;
  return [...own, ["configured", `As configured: ${settingInWords(layer.configured, layer)}`]];
}

type FieldsProps = Omit<ChoiceFieldsProps, "layer">;

function ShareFields({ draft, onDraft }: FieldsProps) {
  return (
    <div class="share-fields">
      <label for="percent">Share in %</label>
      <input
        id="percent"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        value={draft.percent}
        onInput={(event) => onDraft({ ...draft, percent: event.currentTarget.value })}
      />
      {SHARES.map((share) => (
        <button type="button" key={share} class="small" onClick={() => onDraft({ ...draft, percent: share })}>
          {share} %
        </button>
      ))}
    </div>
  );
}

function ListFields({ draft, onDraft }: FieldsProps) {
  return (
    <details class="lists" open={draft.players !== "" || draft.except !== ""}>
      <summary>Single players</summary>
      <div>
        <label for="players">Always on for</label>
        <textarea
          id="players"
          rows={2}
          spellcheck={false}
          placeholder="ids, one a line"
          value={draft.players}
          onInput={(event) => onDraft({ ...draft, players: event.currentTarget.value })}
        />
      </div>
      <div>
        <label for="except">Always off for</label>
        <textarea
          id="except"
          rows={2}
          spellcheck={false}
          placeholder="ids, one a line"
          value={draft.except}
          onInput={(event) => onDraft({ ...draft, except: event.currentTarget.value })}
        />
      </div>
    </details>
  );
}
