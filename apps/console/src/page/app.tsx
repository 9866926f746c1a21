/** Signed in or not. What was seen stays while an operator whose token has expired signs in again. */
import { useMemo, useState } from "preact/hooks";
import { createConsoleApi } from "../api/console-api.js";
import { ALL_PANELS } from "../panels/sections.js";
import { createLive } from "../readings/live.js";
import { Console } from "./console.js";
import { forgetToken, keepToken, keptToken } from "./session.js";
import { SignIn } from "./sign-in.js";

export function App() {
  const [token, setToken] = useState(keptToken);
  const [because, setBecause] = useState<string | null>(null);
  const [live, setLive] = useState(() => createLive(ALL_PANELS));
  const api = useMemo(() => (token === null ? null : createConsoleApi(token)), [token]);
  if (api === null) {
    return (
      <SignIn
        because={because}
        onToken={(given) => {
          keepToken(given);
          setToken(given);
        }}
      />
    );
  }
  const leave = (why: string | null): void => {
    forgetToken();
    setBecause(why);
    setToken(null);
  };
  return (
    <Console
      api={api}
      live={live}
      onRefused={leave}
      onSignOut={() => {
        leave(null);
        // Whoever comes next begins anew.
        setLive(createLive(ALL_PANELS));
      }}
    />
  );
}
