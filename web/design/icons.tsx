import type { ReactNode } from 'react';

const PATHS = {
  arrowLeft: <path d="M13 8H3.5m4-4.5L3 8l4.5 4.5" />,
  arrowRight: <path d="M3 8h9.5m-4-4.5L13 8l-4.5 4.5" />,
  bin: <path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4m2.4-4v4" />,
  check: <path d="m3.5 8.5 3 3 6-7" />,
  chevron: <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  cross: <path d="m5 5 6 6m0-6-6 6" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.7" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  download: <path d="M8 2.5v8m-3-3 3 3 3-3M3 13.5h10" />,
  external: <path d="M9.5 3H13v3.5M13 3 7.5 8.5M6.5 4H3.5v8.5H12v-3" />,
  files: <path d="M2.5 12.5v-9h4l1.5 2h5.5v7Z" />,
  flag: <path d="M4 14V2.5h8l-2 3 2 3H4" />,
  globe: (
    <>
      <circle cx="8" cy="8" r="5.7" />
      <path d="M2.5 8h11M8 2.3c1.7 1.7 2.4 3.6 2.4 5.7S9.7 12 8 13.7C6.3 12 5.6 10.1 5.6 8S6.3 4 8 2.3Z" />
    </>
  ),
  lock: (
    <>
      <rect x="3.5" y="7" width="9" height="6.5" rx="1.5" />
      <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </>
  ),
  moon: <path d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z" />,
  more: <path d="M3.5 8h.1m4.4 0h.1m4.4 0h.1" strokeWidth="2.2" />,
  newFile: <path d="M9 2.5H4v11h4M9 2.5 12 5.5V8M9 2.5v3h3m-.5 4.5v4m-2-2h4" />,
  newFolder: <path d="M8 12.5H2.5v-9h4l1.5 2h5.5V8m-2 1.5v4m-2-2h4" />,
  pencil: <path d="m3 13 .7-3L10.5 3.2l2.3 2.3L6 12.3Z" />,
  plus: <path d="M8 3.5v9m-4.5-4.5h9" />,
  pulse: <path d="M1.5 8h3l2-4.5 3 9 2-4.5h3" />,
  reload: <path d="M13 8a5 5 0 1 1-1.5-3.6L13 6m0-3.5V6H9.5" />,
  sail: <path d="M8 2v9m0-9c2.8 1.8 4.6 4.8 5 8H8M2.5 13.5h11" />,
  speaker: (
    <path d="M2.5 6.3v3.4h2.3L8.5 13V3L4.8 6.3Zm8.5-.6c1.3 1.3 1.3 3.3 0 4.6m1.7-6.3c2.3 2.3 2.3 5.7 0 8" />
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.3m0 10.4v1.3M1.5 8h1.3m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
    </>
  ),
  system: <path d="M2.5 3.5h11v7.5h-11Zm3.5 10h4M8 11v2.5" />,
  terminal: <path d="m3 4.5 3.5 3.5L3 11.5M8 12h5" />,
  up: <path d="m4.5 9.5 3.5-3.5 3.5 3.5" />,
  upload: <path d="M8 10.5v-8m-3 3 3-3 3 3M3 13.5h10" />,
  warning: <path d="M8 2.5 14 13H2Zm0 4V9.5m0 1.8v.1" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

/** A drawing of 16 by 16 in the colour of the text; the words beside it carry the meaning. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}
