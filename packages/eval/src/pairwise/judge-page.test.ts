import { ethical } from '@align-squad/core';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { judgeSheetPage } from './judge-page.js';
import type { JudgeRequest } from './judge-sheet.js';

const requests: JudgeRequest[] = [
  { id: 'p0', prompt: '</script><script>alert(1)</script>', criterion: 'ethical', a: '<img src=x onerror=alert(1)>', b: '<!--' },
  { id: 'p1', context: 'Source.', criterion: 'mine', a: 'one', b: 'two' },
  { id: 'p2', a: 'three', b: 'four' },
];

interface Element {
  textContent: string;
  hidden: boolean;
  pressed: string;
  dataset: { store?: string };
  onClick?: () => void;
}

/** Runs the script of a page with the little of a browser that it touches. */
function openPage(html: string, store = new Map<string, string>()) {
  const scripts = [...html.matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs)];
  const [data, code] = scripts.map(([, , text]) => text ?? '');
  const elements = new Map<string, Element>();
  const byId = (id: string): Element => {
    const element: Element = elements.get(id) ?? { textContent: '', hidden: false, pressed: '', dataset: {} };
    elements.set(id, element);
    return Object.assign(element, {
      setAttribute: (_name: string, value: string) => (element.pressed = value),
      addEventListener: (_type: string, listener: () => void) => (element.onClick = listener),
    });
  };
  Object.assign(byId('requests'), { textContent: data, dataset: { store: /data-store="([^"]*)"/.exec(html)?.[1] } });
  const downloads: { name: string; text: string }[] = [];
  let listener: ((event: object) => void) | undefined;
  runInNewContext(code ?? '', {
    document: {
      getElementById: byId,
      createElement: () => ({
        click(this: { download: string; href: string }) {
          downloads.push({ name: this.download, text: this.href });
        },
      }),
      addEventListener: (_type: string, heard: (event: object) => void) => (listener = heard),
    },
    localStorage: { getItem: (key: string) => store.get(key) ?? null, setItem: (key: string, value: string) => store.set(key, value) },
    Blob: function Blob(this: { text: string }, parts: string[]) {
      this.text = parts.join('');
    },
    URL: { createObjectURL: ({ text }: { text: string }) => text },
  });
  return { scripts, byId, downloads, press: (key: string, more: object = {}) => listener?.({ key, preventDefault: () => undefined, ...more }) };
}

test('no text of a request is markup of the page', () => {
  const html = judgeSheetPage(requests);
  const { scripts, byId } = openPage(html);
  expect(scripts).toHaveLength(2);
  expect(html).not.toMatch(/<img|<!--|alert\(1\)<\/script>/);
  expect(byId('prompt').textContent).toBe(requests[0]?.prompt);
  expect(byId('a').textContent).toBe(requests[0]?.a);
});

test('the page asks for nothing from outside', () => {
  const html = judgeSheetPage([]);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/https?:|\bsrc=|<link|@import|url\(/);
});

test('the criterion is described where it is known, and what a request has not is hidden', () => {
  const { byId, press } = openPage(judgeSheetPage(requests));
  expect(byId('criterion').textContent).toContain(ethical.description);
  expect([byId('prompt-box').hidden, byId('context-box').hidden]).toEqual([false, true]);
  press('ArrowRight');
  expect(byId('criterion').textContent).toBe('mine');
  expect([byId('prompt-box').hidden, byId('context-box').hidden]).toEqual([true, false]);
});

test('keys and buttons answer, go on, and leave lines to merge', () => {
  const { byId, press, downloads } = openPage(judgeSheetPage(requests));
  press('1', { ctrlKey: true });
  press('x');
  press('2');
  byId('choose-tie').onClick?.();
  expect(byId('progress').textContent).toBe('2 of 3 answered, this is number 3');
  press('ArrowLeft');
  expect(byId('choose-tie').pressed).toBe('true');
  press('1');
  byId('download').onClick?.();
  expect(downloads).toEqual([{ name: 'judge-answers.jsonl', text: '{"id":"p0","choice":"b"}\n{"id":"p1","choice":"a"}\n' }]);
});

test('a page that is opened again goes on where it was, that of another sheet does not', () => {
  const store = new Map<string, string>();
  openPage(judgeSheetPage(requests), store).press('0');
  expect(openPage(judgeSheetPage(requests), store).byId('progress').textContent).toBe('1 of 3 answered, this is number 2');
  expect(openPage(judgeSheetPage(requests.slice(0, 2)), store).byId('progress').textContent).toBe('0 of 2 answered, this is number 1');
});
