// Debian's Chromium, headless, as a phone or as a desk.

import { chromium } from 'playwright-core';

import { watchPeers } from './peer.mjs';

const executablePath = process.env.RETURNFEED_CHROMIUM ?? '/usr/bin/chromium';

const args = [
  '--no-sandbox', // the tests may run as root
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=user-gesture-required', // as on a phone
  '--allow-loopback-in-peer-connection', // a machine without a network has no other address
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** `home`: a folder whose NSS store says which authorities are trusted. */
export async function openBrowser(extra = [], { home } = {}) {
  const env = home === undefined ? process.env : { ...process.env, HOME: home };
  return chromium.launch({ executablePath, headless: true, args: [...args, ...extra], env });
}

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** Runs before the page: whatever its policy held up is said in the console. */
function sayViolations() {
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
    console.error(`policy: ${effectiveDirective} held up ${blockedURI} (${sourceFile}:${lineNumber})`));
}

/** A page of its own, in English unless said, that accepts the self-signed certificate. `problems`: what went wrong in
 *  it, and what its content security policy held up. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  await context.addInitScript(watchPeers);
  await context.addInitScript(sayViolations);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (said) => {
    if (said.text().startsWith('policy: ')) page.problems.push(said.text());
  });
  return page;
}
