// People with an account, as the tests have them: made by the command line, signed in by the page.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { program } from './cloud.mjs';

export const PASSWORD = 'a passphrase for the tests';

/** `returnfeed-cloud account ...` beside a server that runs; what it printed. */
export function account(cloud, args, input = '') {
  const [verb, ...rest] = args;
  const done = spawnSync(program('returnfeed-cloud'), ['account', verb, '--data-dir', cloud.dataDir, ...rest], { input, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

/** Somebody new; their e-mail. */
export function person(cloud, name, email = `${name.toLowerCase()}@example.org`) {
  account(cloud, ['create', '--email', email, '--name', name, '--password-stdin'], PASSWORD);
  return email;
}

/** The address of a link that the command line prints. */
export const linkOf = (cloud, args) => cloud.origin + /^\/account\/#\S+$/m.exec(account(cloud, args))[0];

/** E-mail and password into the form of the page that is open. */
export async function signIn(page, email, password = PASSWORD) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The account pages, as somebody who signed in there. */
export async function atHome(page, cloud, email, password = PASSWORD) {
  await page.goto(`${cloud.origin}/account/`);
  await signIn(page, email, password);
  await inside(page).waitFor();
  return page;
}

/** What only somebody who is logged in sees. */
export const inside = (page) => page.getByRole('navigation', { name: 'Pages' });

export const button = (on, name) => on.getByRole('button', { name, exact: true });

export const told = (page, text) => page.getByRole('alert').filter({ hasText: text });
