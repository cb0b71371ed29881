// Pictures of pages, kept where somebody wants to look: RETURNFEED_SCREENSHOTS names the folder.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';

import { accessible } from './axe.mjs';

const folder = process.env.RETURNFEED_SCREENSHOTS;

export const DESK = { viewport: { width: 1280, height: 800 } };

export async function picture(page, name) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

/** Whether something stands beside the screen. */
export const isTooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** A page that everybody can use and nothing stands beside; its picture, for whoever wants to look. */
export async function looksRight(page, name) {
  await accessible(page, name);
  assert.equal(await isTooWide(page), false, `${name}: nothing stands beside the screen`);
  await picture(page, name);
}
