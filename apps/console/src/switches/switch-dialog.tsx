/** Changes a layer, after it has said what that does and to whom. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ConsoleApi } from "../api/console-api.js";
import { type Failure, isFailure } from "../api/failure.js";
import type { Flags, Layer } from "../api/flags.js";
import { ChoiceFields } from "./choice-fields.js";
import { consequences, isSame, settingInWords, type Wish } from "./in-words.js";
import { wordsOf } from "./layers.js";
import { type Draft, draftOf, wishOf } from "./wish.js";

export interface SwitchDialogProps {
  readonly api: ConsoleApi;
  readonly name: string;
  readonly flags: Flags;
  readonly onAnswer: (answer: Flags) => void;
  /** Told what was done, in a sentence; "" if nothing was. */
  readonly onDone: (what: string) => void;
}

/** What the operator looks at when deciding; later news of it is a conflict, not a surprise. */
interface Basis {
  readonly version: number;
  readonly layer: Layer;
}

export function SwitchDialog({ api, name, flags, onAnswer, onDone }: SwitchDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const given = flags.layers[name];
  const [basis, setBasis] = useState<Basis | null>(
    given === undefined ? null : { version: flags.version, layer: given },
  );
  const [complaint, setComplaint] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const done = useRef("");
  if (basis === null) return null;
  // The browser tells of its end later, and of any end: it is told once, from there.
  const close = (what: string): void => {
    done.current = what;
    dialog.current?.close();
  };
  const send = async (change: () => Promise<Flags | Failure>, what: string): Promise<void> => {
    setSending(true);
    setComplaint(null);
    const answer = await change();
    setSending(false);
    if (!isFailure(answer)) {
      onAnswer(answer);
      return close(what);
    }
    if (answer.code !== "VERSION_CONFLICT") return setComplaint(answer.message);
    const present = await api.flags();
    const layer = isFailure(present) ? undefined : present.layers[name];
    if (isFailure(present) || layer === undefined) return setComplaint(answer.message);
    onAnswer(present);
    setBasis({ version: present.version, layer });
    setComplaint(conflictInWords(layer));
  };
  const { title } = wordsOf(name);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={() => onDone(done.current)}>
      <h2 id="dialog-title">Switch “{title}”</h2>
      <p class="now">
        Now: <b>{settingInWords(basis.layer, basis.layer)}</b>.
      </p>
      <SwitchForm
        name={name}
        basis={basis}
        complaint={complaint}
        isSending={isSending}
        onCancel={() => close("")}
        onConfirm={(wish, reason) => {
          const order = { ...wish, reason, ifVersion: basis.version };
          void send(() => api.switchLayer(name, order), `${title}: ${settingInWords(wish, basis.layer)}.`);
        }}
        onReset={(reason) => {
          const order = { reason, ifVersion: basis.version };
          void send(() => api.resetLayer(name, order), `${title} is as configured again.`);
        }}
      />
    </dialog>
  );
}

function conflictInWords(layer: Layer): string {
  const { changedBy, reason } = layer;
  const who = changedBy ?? "somebody else";
  const why = reason === null ? "" : ` (“${reason}”)`;
  return `Your change was not made: meanwhile switches were changed. This layer is now ${settingInWords(layer, layer)}, as said by ${who}${why}. Look at it again, and confirm once more if you still want it.`;
}

interface SwitchFormProps {
  readonly name: string;
  readonly basis: Basis;
  readonly complaint: string | null;
  readonly isSending: boolean;
  readonly onCancel: () => void;
  readonly onConfirm: (wish: Wish, reason: string) => void;
  readonly onReset: (reason: string) => void;
}

function SwitchForm({ name, basis, complaint, isSending, onCancel, onConfirm, onReset }: SwitchFormProps) {
  const { layer } = basis;
  const [draft, setDraft] = useState<Draft>(() => draftOf(layer));
  const [reason, setReason] = useState("");
  const [lack, setLack] = useState<string | null>(null);
  const wish = wishOf(draft, layer.configured);
  const isReset = draft.choice === "configured";
  const isNoChange =
    !isReset && typeof wish !== "string" && isSame(wish, layer) && wish.isGuarded === layer.isGuarded;
  const confirm = (): void => {
    if (typeof wish === "string") return setLack(wish);
    if (isNoChange) return setLack("That is how it is now: there is nothing to change.");
    if (reason.trim() === "")
      return setLack("Say why: whoever looks at the history next week will want to know.");
    setLack(null);
    if (isReset) onReset(reason.trim());
    else onConfirm(wish, reason.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm();
      }}
    >
      <ChoiceFields draft={draft} layer={layer} onDraft={setDraft} />
      <section class="consequences" aria-labelledby="consequences">
        <h3 id="consequences">What will happen</h3>
        {typeof wish === "string" ? (
          <p>{wish}</p>
        ) : isNoChange ? (
          <p>Nothing: that is how it is now.</p>
        ) : (
          <ul>
            {consequences(name, layer, wish).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </section>
      <ReasonField reason={reason} onReason={setReason} />
      <p class="complaint" role="alert">
        {lack ?? complaint}
      </p>
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={isSending}>
          {isSending ? "Switching…" : isReset ? "Switch back" : buttonOf(wish)}
        </button>
      </div>
    </form>
  );
}

const MAX_REASON_LENGTH = 200;

function ReasonField({
  reason,
  onReason,
}: {
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}) {
  return (
    <div>
      <label for="reason">Reason</label>
      <input
        id="reason"
        type="text"
        autocomplete="off"
        maxLength={MAX_REASON_LENGTH}
        value={reason}
        onInput={(event) => onReason(event.currentTarget.value)}
        placeholder="For the history: try it on a few, trouble with Redis…"
      />
    </div>
  );
}

function buttonOf(wish: Wish | string): string {
  if (typeof wish === "string") return "Switch";
  if (wish.percent === 0) return "Switch off";
  return wish.percent === 100 ? "Switch on" : `Switch on for ${wish.percent} %`;
}
