// OpenID providers for the tests: an honest one, which is npm's certified `oidc-provider`, and one that signs whatever
// it is told to, with a key that it publishes, for what the honest one cannot be brought to say.
//
// Both listen on loopback, the only place where the server takes plain HTTP from.

import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

export const CLIENT = { id: 'returnfeed', secret: 'a secret between the two for the tests' };

async function listen() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { server, issuer: `http://127.0.0.1:${server.address().port}`, close };
}

/** Settings of a cloud that signs people in at this issuer. */
export const settingsOf = (issuer, origin, secretFile) => [
  '--oidc-issuer', issuer, '--oidc-client-id', CLIENT.id, '--oidc-client-secret-file', secretFile,
  '--public-url', origin,
];

/** The certified provider. `people`: subject → claims; whoever types a subject at it is that person. */
export async function honestProvider(origin, people) {
  const { server, issuer, close } = await listen();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${origin}/api/signin/callback`],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['only for tests'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    features: { devInteractions: { enabled: true } },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'honest' }] },
    pkce: { required: () => true },
    ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 60, Grant: 60, Interaction: 600, Session: 600 },
  });
  server.on('request', provider.callback());
  return { issuer, provider, close };
}

/** Signs in at the honest provider, as its pages ask for it. */
export async function signInThere(page, subject) {
  await page.locator('input[name=login]').fill(subject);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/**
 * A provider without scruples: `lies` is asked at each step and may change what is said.
 * `lies.answer(parameters)`: what the browser goes back with. `lies.claims(claims)`, `lies.header(header)`,
 * `lies.sign(text, honest)`: the ID token. `lies.configuration(document)`. `lies.lead(address)`: where the browser goes.
 */
export async function hostileProvider() {
  const { server, issuer, close } = await listen();
  const keyPair = () => ({ kid: randomBytes(6).toString('hex'), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
  const it = { issuer, close, lies: {}, key: keyPair(), codes: new Map(), counted: { jwks: 0, token: 0 } };
  it.rotate = () => { it.key = keyPair(); };

  const now = () => Math.floor(Date.now() / 1000);
  const idToken = ({ nonce }) => {
    const claims = {
      iss: issuer, aud: CLIENT.id, sub: 'mallory', iat: now(), exp: now() + 60, nonce,
      email: 'mallory@example.org', email_verified: true, name: 'Mallory',
    };
    const header = { alg: 'RS256', typ: 'JWT', kid: it.key.kid };
    const text = `${base64(it.lies.header?.(header) ?? header)}.${base64(it.lies.claims?.(claims) ?? claims)}`;
    const honest = () => createSign('RSA-SHA256').update(text).sign(it.key.privateKey).toString('base64url');
    return `${text}.${it.lies.sign ? it.lies.sign(text, honest) : honest()}`;
  };
  const pages = {
    '/.well-known/openid-configuration': () => {
      const honest = {
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'], subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      };
      return it.lies.configuration?.(honest) ?? honest;
    },
    '/jwks': () => {
      it.counted.jwks += 1;
      return { keys: [{ ...it.key.publicKey.export({ format: 'jwk' }), kid: it.key.kid, use: 'sig', alg: 'RS256' }] };
    },
    '/authorize': (url, _, response) => {
      const asked = Object.fromEntries(url.searchParams);
      const code = randomBytes(12).toString('hex');
      it.codes.set(code, asked);
      const answer = { code, state: asked.state };
      const back = new URL(asked.redirect_uri);
      back.search = new URLSearchParams(it.lies.answer?.(answer) ?? answer);
      response.writeHead(302, { location: it.lies.lead?.(back.href) ?? back.href }).end();
    },
    '/token': (_, body) => {
      it.counted.token += 1;
      const form = new URLSearchParams(body);
      const asked = it.codes.get(form.get('code'));
      const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      if (!asked || asked.code_challenge !== challenge || asked.code_challenge_method !== 'S256') return null;
      return { access_token: 'worth nothing', token_type: 'Bearer', id_token: idToken(asked) };
    },
  };
  server.on('request', (request, response) => {
    const url = new URL(request.url, issuer);
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const said = pages[url.pathname]?.(url, body, response);
      if (response.writableEnded) return;
      response.writeHead(said ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said ?? { error: 'invalid_grant' }));
    });
  });
  return it;
}
