// What a person does on our pages, found by role and label.

import { inboundVideo } from './peer.mjs';
import { until } from './program.mjs';

/** Takes the invitation of a link: the tap without which a page asks nothing of the cloud. */
export async function enter(page) {
  await page.getByRole('button', { name: /^(Join|Watch|참여하기|시청하기)$/ }).click();
}

/** The viewer's first taps: the invitation, then what the player asks for. */
export async function startWatching(page) {
  await enter(page);
  const tap = page.getByRole('button', { name: /tap|start|play/i }).first();
  await tap.click({ timeout: 15_000 }).catch((error) => {
    if (error.name !== 'TimeoutError') throw error; // it plays without
  });
}

/** Until pictures are decoded; gives Chromium's own account of them. */
export async function playing(page) {
  return until('decoded pictures', async () => {
    const video = await inboundVideo(page);
    return video && video.framesDecoded > 10 ? video : null;
  });
}

/** An operator joins and follows a camera; where somebody has it, as second. */
export async function followCamera(page, link, number) {
  await page.goto(link);
  await enter(page);
  await page.getByRole('button', { name: new RegExp(`camera ${number}\\b`, 'i') }).first().click();
  const [start, second] = ['Start', 'Join as second'].map((name) => page.getByRole('button', { name }));
  await until('the camera is ours', async () => {
    if (await second.isVisible()) await second.click();
    return start.isEnabled();
  });
  await start.click();
}

/** The lamp as an operator reads it. */
export const lamp = (page, word) => page.getByRole('status', { name: /tally/i }).filter({ hasText: word });

/** Runs in the page: what its lamp says from now on, each word once. */
export function watchLamp() {
  const lamp = () => document.querySelector('[role=status][aria-label*=ally]')?.textContent ?? '';
  window.lampSaid = [lamp()];
  new MutationObserver(() => {
    if (window.lampSaid.at(-1) !== lamp()) window.lampSaid.push(lamp());
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}
