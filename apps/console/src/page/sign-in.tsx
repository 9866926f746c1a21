/** Asks for an administrator's token, and tries it before it is kept. */
import { useRef, useState } from "preact/hooks";
import { createConsoleApi } from "../api/console-api.js";
import { isFailure } from "../api/failure.js";
import { Mark } from "./icons.js";
import { looksLikeToken, tokenOf } from "./session.js";

export interface SignInProps {
  /** Why the operator has to sign in again, if that is so. */
  readonly because: string | null;
  readonly onToken: (token: string) => void;
}

export function SignIn({ because, onToken }: SignInProps) {
  const field = useRef<HTMLInputElement>(null);
  const [complaint, setComplaint] = useState<string | null>(because);
  const [isTrying, setTrying] = useState(false);
  const complain = (why: string): void => {
    setComplaint(why);
    field.current?.focus();
  };
  const tryIt = async (): Promise<void> => {
    const token = tokenOf(field.current?.value ?? "");
    if (token === "") return complain("Paste a token first.");
    if (!looksLikeToken(token))
      return complain("This isn't a token: it has spaces or signs that no token has.");
    setTrying(true);
    const answer = await createConsoleApi(token).performance();
    setTrying(false);
    if (isFailure(answer)) return complain(answer.message);
    onToken(token);
  };
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void tryIt();
        }}
      >
        <div class="brand">
          <Mark />
          <h1>Mainspring console</h1>
        </div>
        <p>Numbers and switches of this server, for its operators.</p>
        <label for="token">Admin token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          autofocus
          aria-describedby={complaint === null ? "token-hint" : "token-complaint token-hint"}
          aria-invalid={complaint !== null}
        />
        <p class="complaint" id="token-complaint" role="alert">
          {complaint}
        </p>
        <button class="primary" type="submit" disabled={isTrying}>
          {isTrying ? "Trying it…" : "Sign in"}
        </button>
        <div class="hint" id="token-hint">
          <p>On the server's machine, this prints one:</p>
          <pre>
            <code>npx mainspring token --player ops --admin</code>
          </pre>
          <p>It stays in this tab and is forgotten when you sign out or close it.</p>
        </div>
      </form>
    </main>
  );
}
