import { expect, test } from 'vitest';
import { start } from '../test-support.js';
import { playgroundPage } from './page.js';

test('the page is served with a policy that names its own script and style', async () => {
  const { url } = await start();
  const response = await fetch(url);
  expect(await response.text()).toBe(playgroundPage);
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}=';/);
});

test('the page is not served where it is turned off', async () => {
  const { url } = await start({ playground: false });
  expect((await fetch(url)).status).toBe(404);
});

test('the page weighs less than 60 kB and names no other place', () => {
  expect(Buffer.byteLength(playgroundPage)).toBeLessThan(60_000);
  const addresses = playgroundPage.match(/https?:[^'"\s]+/g);
  // the name of a language, which nobody asks for
  expect(addresses).toEqual(['http://www.w3.org/2000/svg', 'http://www.w3.org/2000/svg']);
});
