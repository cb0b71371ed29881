// What axe-core finds wrong with a page for people who cannot see, point or tell colours apart.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asserts that nothing is. WCAG 2.2 A and AA, and axe's own good practice. */
export async function accessible(page, what) {
  // Evaluated by the browser's debugger, which the page's content security policy does not hold up.
  await page.evaluate(source);
  // A sheet that is still rising is half transparent, and what stands on it has half its contrast.
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime))
    .map((animation) => animation.finished)));
  const violations = await page.evaluate(async () => (await globalThis.axe.run(document)).violations
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`));
  assert.deepEqual(violations, [], what);
}
