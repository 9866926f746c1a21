/** The few pictures of the page. All of them stand beside words, so screen readers pass them by. */
import type { ComponentChildren } from "preact";
import type { State } from "../readings/verdict.js";

function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

/** Each state has a shape of its own: a circle, a triangle, an octagon. */
export function StateIcon({ state }: { readonly state: State }) {
  if (state === "act") {
    return (
      <Icon>
        <path class="solid" d="M6.3 1.5h7.4l4.8 4.8v7.4l-4.8 4.8H6.3l-4.8-4.8V6.3z" />
        <path class="mark" d="M10 5.5v5.4M10 14.2v.1" />
      </Icon>
    );
  }
  if (state === "watch") {
    return (
      <Icon>
        <path class="solid" d="M10 1.8 19 18H1z" />
        <path class="mark" d="M10 7.6v4.6M10 15.2v.1" />
      </Icon>
    );
  }
  return (
    <Icon>
      <circle class="solid" cx="10" cy="10" r="8.5" />
      <path class="mark" d="m6 10.3 2.8 2.8L14.2 7.4" />
    </Icon>
  );
}

export function SunIcon() {
  return (
    <Icon>
      <circle class="line" cx="10" cy="10" r="3.6" />
      <path
        class="line"
        d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4"
      />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon>
      <path class="line" d="M16.8 12.2A7.3 7.3 0 0 1 7.8 3.2a7.3 7.3 0 1 0 9 9z" />
    </Icon>
  );
}

/** A mainspring, wound. */
export function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M16 16.6a1.9 1.9 0 1 1 1.9-2 4.6 4.6 0 1 1-4.7-3.9 6.9 6.9 0 1 1-4.6 9.6" />
    </svg>
  );
}
