/** Starts the page. */
import { render } from "preact";
import { App } from "./page/app.js";
import { applyKeptTheme } from "./page/theme.js";

const root = document.querySelector("#app");
if (root === null) throw new Error("index.html has a place for the page.");
applyKeptTheme();
render(<App />, root);
