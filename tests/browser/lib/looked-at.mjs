// Pictures of pages, kept where somebody wants to look: RETURNFEED_SCREENSHOTS names the folder.

import { mkdirSync } from 'node:fs';

const folder = process.env.RETURNFEED_SCREENSHOTS;

export const DESK = { viewport: { width: 1280, height: 720 } };

export async function picture(page, name) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Whether something stands beside the screen. */
export const isTooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
