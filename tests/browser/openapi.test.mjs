// The description of every endpoint, as the server gives it: valid OpenAPI 3.1.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { Cloud } from './lib/cloud.mjs';

let cloud;
before(async () => {
  cloud = await Cloud.start();
});
after(() => cloud?.end());

test('the document of the server is valid OpenAPI 3.1 and every reference in it leads somewhere', async () => {
  const document = await cloud.api('GET', '/api/openapi.json');
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 2));
  assert.equal(validator.version, '3.1');
  for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(name in document.components.schemas, name);
  }
  document.paths['/api/login'].post.responses = {};
  document.paths['/api/login'].post.parameters = [{ in: 'nowhere' }];
  assert.equal((await new Validator().validate(document)).valid, false, 'the validator looks');
});
