import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubSettings, type Environment } from './hub-settings.js';

test.each<[Environment, NodeJS.Platform, string]>([
  [{ HOME: '/home/ann' }, 'linux', '/home/ann/.cache/huggingface/hub/align-squad'],
  [{ HOME: '/home/ann' }, 'darwin', '/home/ann/Library/Caches/huggingface/hub/align-squad'],
  [{ HOME: '/home/ann', LOCALAPPDATA: '/local' }, 'win32', '/local/huggingface/hub/align-squad'],
  [{ HOME: '/home/ann' }, 'win32', '/home/ann/AppData/Local/huggingface/hub/align-squad'],
  [{ HOME: '/home/ann', LOCALAPPDATA: '/local', XDG_CACHE_HOME: '/xdg' }, 'win32', '/xdg/huggingface/hub/align-squad'],
  [{ HF_HOME: '/hf', XDG_CACHE_HOME: '/xdg' }, 'linux', '/hf/hub/align-squad'],
  [{ HF_HUB_CACHE: '/hub', HF_HOME: '/hf' }, 'linux', '/hub/align-squad'],
  [{ HF_HUB_CACHE: '', HF_HOME: '', XDG_CACHE_HOME: '', HOME: '/home/ann' }, 'linux', '/home/ann/.cache/huggingface/hub/align-squad'],
])('under %j on %s downloads are kept in %s', (environment, platform, expected) => {
  expect(hubSettings(environment, platform).cacheDirectory).toBe(join(expected));
});

test.each<[string | undefined, boolean]>([['1', true], ['true', true], ['YES', true], ['on', true], ['0', false], ['', false], [undefined, false]])(
  'HF_HUB_OFFLINE=%s is read as %s',
  (HF_HUB_OFFLINE, expected) => expect(hubSettings({ HF_HUB_OFFLINE }).isOffline).toBe(expected),
);

test.each<[string | undefined, string]>([
  [undefined, 'https://huggingface.co/'],
  ['https://mirror.example', 'https://mirror.example/'],
  ['https://mirror.example/hf//', 'https://mirror.example/hf/'],
])('HF_ENDPOINT=%s is read as %s', (HF_ENDPOINT, expected) => {
  expect(hubSettings({ HF_ENDPOINT })).toMatchObject({ endpoint: expected });
});

test('HF_TOKEN is read, and an empty one is none', () => {
  expect([hubSettings({ HF_TOKEN: 'hf_1' }).token, hubSettings({ HF_TOKEN: '' }).token]).toEqual(['hf_1', undefined]);
});
