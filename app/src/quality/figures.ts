// Figures as people read them: no more digits than were measured.

import { bitrateWords } from "../ui/sentences";

/** A count; an axis may ask for halves, which are none. */
export const whole = (value: number): string => (Number.isInteger(value) ? String(value) : "");

/** A share, 0 to 1. */
export const percent = (share: number): string => {
  const value = share * 100;
  const digits = value === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} %`;
};

/** A time. */
export const ms = (value: number): string => `${Math.round(value)} ms`;

/** A rate. */
export const bitrate = (bitsPerSecond: number): string =>
  bitsPerSecond === 0 ? "0" : bitrateWords(bitsPerSecond);

/** How long something has been so: the largest unit that says it. */
export function span(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
