import type { VNode } from "preact";

/** Outlines on a grid of 16, drawn with a line of 1.5; made for this page. */
const shapes = {
  phone:
    "M3.2 2.5h2.3l1.1 3-1.5 1.1a8 8 0 0 0 4.3 4.3l1.1-1.5 3 1.1v2.3c0 .5-.4.9-.9.9C7 13.5 2.5 9 2.3 3.4c0-.5.4-.9.9-.9z",
  hangup: "M1.5 9.8c3.8-3.7 9.2-3.7 13 0l-1.6 1.7-2.4-1.1V8.5a9 9 0 0 0-5 0v1.9l-2.4 1.1z",
  hold: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5v9l7.5-4.5z",
  mic: "M8 1.8a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0v-4a2 2 0 0 1 2-2zM3.5 7.5a4.5 4.5 0 0 0 9 0M8 12v2.3",
  "mic-off":
    "M6 6v1.8a2 2 0 0 0 3.2 1.6M10 7V3.8a2 2 0 0 0-3.9-.6M3.5 7.5a4.5 4.5 0 0 0 7.3 3.5M12.5 7.5c0 .6-.1 1.1-.3 1.6M8 12v2.3M2.5 2l11 12",
  speaker: "M2.5 6h2.5l3.5-3v10l-3.5-3h-2.5zM11 5.5a3.5 3.5 0 0 1 0 5M12.8 3.5a6.3 6.3 0 0 1 0 9",
  transfer: "M2.5 5.5h9.5M9.5 2.8l2.7 2.7-2.7 2.7M13.5 10.5h-9.5M6.5 7.8l-2.7 2.7 2.7 2.7",
  keypad:
    "M3.5 3.5h.01M8 3.5h.01M12.5 3.5h.01M3.5 8h.01M8 8h.01M12.5 8h.01M3.5 12.5h.01M8 12.5h.01M12.5 12.5h.01",
  weather:
    "M4.5 10.5a2.8 2.8 0 0 1 .3-5.6 3.8 3.8 0 0 1 7.2 1.2 2.2 2.2 0 0 1 .2 4.4zM5.5 12.5l-.6 1.5M8.3 12.5l-.6 1.5M11.1 12.5l-.6 1.5",
  calls: "M2.5 4h8M2.5 8h11M2.5 12h6M12.5 2.8v2.4M13.5 4h-2",
  messages: "M2.5 3.5h11v7.5h-6.5l-2.5 2.3v-2.3h-2z",
  engine: "M3 3h10v4h-10zM3 9h10v4h-10zM5.2 5h.01M5.2 11h.01M8 5h3M8 11h3",
  app: "M5.5 4.5l-3.5 3.5 3.5 3.5M10.5 4.5l3.5 3.5-3.5 3.5M9 3l-2 10",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  left: "M10 4l-4 4 4 4",
  settings:
    "M2.5 4.5h5.5M11.5 4.5h2M2.5 11.5h2M8 11.5h5.5M9.75 2.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5zM6.25 9.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5z",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  moon: "M13 9.5a5.5 5.5 0 1 1-6.5-6.5 4.5 4.5 0 0 0 6.5 6.5z",
  auto: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 2.5v11M8 5h4.6M8 8h5.5M8 11h4.6",
  help: "M8 2a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM6.2 6.2a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M8 11.3h.01",
  qr: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5h-1.5zM13.5 9.5v1.5M9.5 13.5h1.5M13.5 13.5h-.01",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  download: "M8 2.5v7.5M4.8 7l3.2 3.2 3.2-3.2M2.5 13.5h11",
  upload: "M8 10.5v-7.5M4.8 5.7l3.2-3.2 3.2 3.2M2.5 13.5h11",
  send: "M2.5 3l11.5 5-11.5 5 1.8-5zM4.3 8h5",
  filter: "M2 3.5h12l-4.7 5.3v4l-2.6-1.3v-2.7z",
  trash: "M2.5 4.5h11M6 4.5v-1.5h4v1.5M4 4.5l.7 9h6.6l.7-9M6.8 7v4M9.2 7v4",
  warning: "M8 2.5l6 11h-12zM8 6.5v3.5M8 11.8h.01",
  info: "M8 2a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM8 7.3v3.7M8 5h.01",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  wave: "M2 8h1.5l1.5-4 2.5 8 2.5-9 2 7 1-2h1.5",
  link: "M6.5 9.5l3-3M7 4.8l1.5-1.5a2.9 2.9 0 0 1 4.2 4.2l-1.5 1.5M9 11.2l-1.5 1.5a2.9 2.9 0 0 1-4.2-4.2l1.5-1.5",
} as const;

export type IconName = keyof typeof shapes;

/** A picture beside words, or in a button that has a label of its own: screen readers pass over it. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class="icon-shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={shapes[name]}
        fill="none"
        stroke="currentColor"
        stroke-width={name === "keypad" ? 2.4 : 1.5}
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
