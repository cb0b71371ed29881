// The page's drawings: one stroke width, one grid of 24, drawn here so that nothing is fetched. Always beside a
// word or inside a named button, so they are hidden from assistive technology.

import type { ReactNode } from "react";

const SHAPES = {
  program: <circle cx="12" cy="12" r="8" fill="currentColor" stroke="none" />,
  preview: (
    <>
      <circle cx="12" cy="12" r="9" strokeDasharray="4 3" />
      <path d="M10 8l6 4-6 4z" fill="currentColor" stroke="none" />
    </>
  ),
  idle: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M8 12h8" />
    </>
  ),
  unknown: (
    <>
      <path d="M12 3l10 18H2z" />
      <path d="M12 10v5M12 17.6v.4" />
    </>
  ),
  soundOn: (
    <>
      <path d="M4 9v6h4l5 4V5L8 9z" fill="currentColor" />
      <path d="M16.5 8.5a5 5 0 010 7M19 6a8.5 8.5 0 010 12" />
    </>
  ),
  soundOff: (
    <>
      <path d="M4 9v6h4l5 4V5L8 9z" />
      <path d="M16.5 9.5l5 5M21.5 9.5l-5 5" />
    </>
  ),
  vibrate: (
    <>
      <rect x="8" y="4" width="8" height="16" rx="2" />
      <path d="M4.5 8v8M19.5 8v8M1.8 10.5v3M22.2 10.5v3" />
    </>
  ),
  tone: (
    <>
      <path d="M6 17V11a6 6 0 0112 0v6l1.5 2h-15zM10 21h4" />
    </>
  ),
  hand: (
    <path d="M8 13V6a1.5 1.5 0 013 0v5-7a1.5 1.5 0 013 0v7-5a1.5 1.5 0 013 0v9a6 6 0 01-6 6c-3 0-4.500-1.500-6-4.500l-1.500-3a1.400 1.400 0 012.400-1.300L8 13" />
  ),
  expand: <path d="M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5" />,
  shrink: <path d="M4 9h5V4M20 9h-5V4M4 15h5v5M20 15h-5v5" />,
  camera: (
    <>
      <rect x="2.5" y="6.5" width="13" height="11" rx="2" />
      <path d="M15.5 10.5l6-3v9l-6-3" />
    </>
  ),
  fullScreen: <path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />,
  float: (
    <>
      <path d="M21 11V6a2 2 0 00-2-2H5a2 2 0 00-2 2v11a2 2 0 002 2h6" />
      <rect x="13" y="13" width="9" height="7" rx="1.5" fill="currentColor" />
    </>
  ),
  saving: <path d="M12 3v11M7.5 9.5L12 14l4.5-4.5M5 19h14" />,
  play: <path d="M8 5l11 7-11 7z" fill="currentColor" />,
  link: (
    <>
      <path d="M4 18v-3M10 18v-7M16 18V8M21 18V5" />
    </>
  ),
  broken: (
    <>
      <path d="M4 18v-3M10 18v-7" />
      <path d="M15 6l6 6M21 6l-6 6" />
    </>
  ),
  lit: (
    <>
      <rect x="6" y="3" width="12" height="18" rx="2.5" />
      <path d="M12 8v1M12 15v1M8.5 12h1M14.5 12h1" />
      <circle cx="12" cy="12" r="1.6" fill="currentColor" stroke="none" />
    </>
  ),
  dark: (
    <>
      <rect x="6" y="3" width="12" height="18" rx="2.5" />
      <path d="M3 3l18 18" />
    </>
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v5l3.5 2" />
    </>
  ),
  globe: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M3 12h18M12 3c4.5 5.4 4.5 12.6 0 18M12 3c-4.5 5.4-4.5 12.6 0 18" />
    </>
  ),
} satisfies Record<string, ReactNode>;

/** A drawing's name. */
export type IconName = keyof typeof SHAPES;

/** A drawing as large as the text beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
