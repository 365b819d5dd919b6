import { leakText } from '@align-squad/embedded/testing';
import { describe, expect, test } from 'vitest';
import { start } from '../test-support.js';
import { ask, chromiumPath, headline, lowContrast, openPlayground, shown, type OpenPage } from './test-support.js';

describe.skipIf(chromiumPath === undefined)('the playground in Chromium (where there is none, set CHROMIUM_PATH)', () => {
  test('an answer is aligned, with the difference, verdicts and steps', async () => {
    const open = await openPlayground(await start());
    await ask(open, 'Align', 'Say RUDE words.');
    expect(await headline(open, 'Aligned')).toMatch(/ms in the squad, .* round trip/);
    // of the answer and of the step
    expect(await shown(open, '.text del')).toEqual(['RUDE', 'RUDE']);
    expect(await shown(open, '.text ins')).toEqual(['KIND', 'KIND']);
    expect(await shown(open, '.verdict .row')).toEqual(['ethicalflagged → passes', 'helpfulpasses → passes']);
    expect(await shown(open, '.steps .badge')).toEqual(['accepted']);
    expect(await shown(open, '.steps .score')).toEqual(['ethical 0.90 → 0.10', 'helpful 0.10 → 0.10']);
  });

  test('a rewrite that is not taken says why, and what is withheld is not shown as a change', async () => {
    const open = await openPlayground(await start());
    await ask(open, 'Align', 'A DULL answer.');
    await headline(open, 'Withheld');
    expect(await shown(open, '.steps .badge')).toEqual(['not taken: the aligner had no rewrite']);
    expect(await shown(open, '.text')).toEqual(['This answer was withheld because it did not pass inspection.']);
  });

  test('an answer is inspected', async () => {
    const open = await openPlayground(await start());
    await ask(open, 'Inspect', 'Say RUDE words.');
    expect(await headline(open, 'Flagged')).toContain('By ethical.');
    expect(await shown(open, '.verdict .row')).toEqual(['ethicalflagged', 'helpfulpasses']);
    expect(await open.page.locator('.results del, .results ins').count()).toBe(0);
  });

  test('examples fill the form and choose criteria', async () => {
    const open = await openPlayground(await start());
    await open.page.getByLabel('ethical', { exact: true }).waitFor();
    await open.page.getByRole('button', { name: 'Bad advice' }).click();
    expect(await open.page.getByLabel('Prompt').inputValue()).toBe('How much does a digital camera cost?');
    expect(await open.page.getByLabel('helpful', { exact: true }).isChecked()).toBe(false);
    await open.page.getByRole('button', { name: 'Ungrounded' }).click();
    expect(await open.page.getByLabel('Context').inputValue()).toContain('It does not cover water damage.');
  });

  test('a stream is shown as it is released, and what is held is never in the page', async () => {
    const open = await openPlayground(await start(), { reducedMotion: 'no-preference' });
    const seen = await watchFor(open, ['RUDE', 'holding']);
    await ask(open, 'Stream', leakText);
    await headline(open, 'Aligned');
    expect(await shown(open, '.results .text')).toEqual([leakText.replace('RUDE', 'KIND')]);
    expect(await shown(open, '.windows .badge')).toEqual(['released', 'rewritten', 'released']);
    expect(await shown(open, '.text ins')).toEqual(['Then say KIND words to the clerk. ']);
    expect(await seen()).toEqual(['holding']);
  });

  test('a withheld sentence leaves a mark in the stream', async () => {
    const open = await openPlayground(await start());
    const seen = await watchFor(open, ['DULL']);
    await ask(open, 'Stream', 'Go on. It is DULL. Go home.');
    await headline(open, 'Withheld');
    expect(await shown(open, '.results .text')).toEqual(['Go on. withheld Go home.']);
    expect(await seen()).toEqual([]);
  });

  test('the watch sees what a stream lets through', async () => {
    const open = await openPlayground(await start({ onUnfixed: 'keep' }));
    const seen = await watchFor(open, ['DULL']);
    await ask(open, 'Stream', 'Go on. It is DULL. Go home.');
    await headline(open, 'Not fixed');
    expect(await shown(open, '.windows .badge')).toEqual(['released', 'kept', 'released']);
    expect(await seen()).toEqual(['DULL']);
  });

  test('thresholds hold for the next request, and can be reset', async () => {
    const open = await openPlayground(await start());
    const number = open.page.getByRole('spinbutton', { name: 'Threshold of ethical' });
    await number.fill('0.95');
    await ask(open, 'Align', 'Say RUDE words.');
    await headline(open, 'Clean');
    await open.page.getByRole('button', { name: 'Reset the threshold of ethical' }).click();
    expect(await number.inputValue()).toBe('0.50');
    await ask(open, 'Align', 'Say RUDE words.');
    await headline(open, 'Aligned');
  });

  test('a stream can be stopped', async () => {
    const open = await openPlayground(await start(), { reducedMotion: 'no-preference' });
    await ask(open, 'Stream', `${leakText} `.repeat(20));
    await open.page.locator('.windows li').first().waitFor();
    await open.page.getByRole('button', { name: 'Stop' }).press('Enter');
    await headline(open, 'Stopped');
    expect(await open.page.evaluate(() => document.activeElement?.id)).toBe('answer');
  });

  test('markup in texts is shown and not interpreted', async () => {
    const open = await openPlayground(await start());
    const markup = '<img src=x onerror="document.title=1"><b>RUDE</b></script>';
    await open.page.getByLabel('Prompt').fill(markup);
    for (const button of ['Align', 'Stream'] as const) {
      await ask(open, button, `Look: ${markup}`);
      await headline(open, 'Aligned');
      expect((await shown(open, '.results .text')).join()).toContain('<img src=x onerror="document.title=1"><b>');
    }
    expect(await open.page.locator('main img, main b').count()).toBe(0);
    expect(await open.page.title()).toBe('align-squad playground');
  });

  test('the policy of the page lets no other script in', async () => {
    const open = await openPlayground(await start());
    await open.page.getByLabel('ethical', { exact: true }).waitFor();
    const attempt = open.page.evaluate(() => (document.body.innerHTML = '<p>'));
    await expect(attempt).rejects.toThrow('TrustedHTML');
    await open.page.evaluate(() => document.body.append(Object.assign(document.createElement('img'), { src: '/pixel.png' })));
    await expect.poll(() => open.complaints.splice(0).join()).toContain('img-src');
  });

  test('nothing but the keyboard is needed', async () => {
    const open = await openPlayground(await start());
    const { page } = open;
    await page.getByLabel('ethical', { exact: true }).waitFor();
    const stops: string[] = [];
    for (let index = 0; index < 15; index += 1) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate(nameFocus));
      if (stops.at(-1) === 'answer') await page.keyboard.type('Say RUDE words.');
    }
    const criteria = ['ethical', 'helpful'].flatMap((id) => [`use-${id}`, `Threshold of ${id}`, `Threshold of ${id}`]);
    expect(stops).toEqual(['Bad advice', 'Ungrounded', 'Clean', 'prompt', 'context', 'answer', ...criteria, 'Align', 'Stream', 'Inspect']);
    await page.keyboard.press('Control+Enter');
    await headline(open, 'Aligned');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('.windows li').waitFor();
  });

  test.each(['light', 'dark'] as const)('text can be read in %s', async (colorScheme) => {
    const open = await openPlayground(await start(), { colorScheme });
    await ask(open, 'Align', 'Say RUDE words. It is DULL.');
    await headline(open, 'Withheld');
    expect(await lowContrast(open, 4.5)).toEqual([]);
    expect((await lowContrast(open, 30)).length).toBeGreaterThan(20);
    const [red = 0] = (await open.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g) ?? [];
    expect(Number(red) > 128).toBe(colorScheme === 'light');
  });

  test('the page and its results fit a phone', async () => {
    const open = await openPlayground(await start(), { viewport: { width: 360, height: 740 }, hasTouch: true });
    for (const [button, name] of [['Inspect', 'Flagged'], ['Align', 'Aligned'], ['Stream', 'Aligned']] as const) {
      await ask(open, button, `Say RUDE words. ${'long'.repeat(60)}.`);
      await headline(open, name);
      expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await open.page.locator('.results').evaluate((element) => element.getBoundingClientRect().top < innerHeight)).toBe(true);
    }
  });

  test('nothing moves for those who want no motion', async () => {
    const open = await openPlayground(await start());
    await ask(open, 'Align', 'Say RUDE words.');
    await headline(open, 'Aligned');
    expect(await open.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('a server with keys is given one, which is kept nowhere', async () => {
    const open = await openPlayground(await start({ keys: ['the-key'] }));
    const { page } = open;
    const field = page.getByLabel('API key');
    await field.waitFor();
    expect(await page.locator('#key-hint').innerText()).toContain('This server asks for a key.');
    await field.fill('another');
    await field.press('Enter');
    await page.getByText('The server refused this key.').waitFor();
    await field.fill('the-key');
    await field.press('Enter');
    await ask(open, 'Align', 'Say RUDE words.');
    await headline(open, 'Aligned');
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, '']);
    // of the browser itself
    expect(open.complaints.splice(0)).toHaveLength(2);
  });

  test('what the server refuses is said in its words', async () => {
    const open = await openPlayground(await start({ maxBodyBytes: 200 }));
    await ask(open, 'Align', 'a'.repeat(300));
    expect(await headline(open, 'No result')).toMatch(/Expected a body of at most 200 bytes\.\s+HTTP 413/);
    expect(open.complaints.splice(0)).toHaveLength(1);
  });

  test('a server that is gone is said to be', async () => {
    const server = await start();
    const open = await openPlayground(server);
    await open.page.getByLabel('ethical', { exact: true }).waitFor();
    await server.close();
    for (const button of ['Align', 'Stream'] as const) {
      await ask(open, button, 'Say RUDE words.');
      expect(await headline(open, 'No result')).toContain('The server could not be reached');
      await expect.poll(() => open.complaints.splice(0)).toHaveLength(1);
    }
  });

  test('an inspector that fails is no pass', async () => {
    const open = await openPlayground(await start());
    await ask(open, 'Inspect', 'CRASH');
    await headline(open, 'Not judged');
    expect(await open.page.locator('.verdict').first().innerText()).toContain('the inspector failed');
    await ask(open, 'Align', 'CRASH');
    await headline(open, 'Failed');
  });

  test('a criterion must be chosen, and an answer written', async () => {
    const open = await openPlayground(await start());
    const { page } = open;
    await ask(open, 'Align', '');
    expect(await page.getByLabel('Answer').evaluate((field) => field.matches(':invalid'))).toBe(true);
    await page.getByLabel('ethical', { exact: true }).uncheck();
    await page.getByLabel('helpful', { exact: true }).uncheck();
    await ask(open, 'Align', 'Hello.');
    expect(await headline(open, 'No result')).toContain('Choose a criterion first.');
  });
});

/** The name of what has the focus; fails where one can't see that it has. */
function nameFocus(): string {
  const focused = document.activeElement;
  if (!focused || getComputedStyle(focused).outlineStyle === 'none') return 'nothing that can be seen';
  return focused.getAttribute('aria-label') ?? (focused.id === '' ? (focused.textContent ?? '') : focused.id);
}

/** Looks for words in the page at each change; gives those that were there. */
async function watchFor({ page }: OpenPage, words: readonly string[]): Promise<() => Promise<string[]>> {
  const watch = await page.evaluateHandle((words) => {
    const seen = new Set<string>();
    const look = (): void => {
      for (const word of words) if (document.documentElement.outerHTML.includes(word)) seen.add(word);
    };
    // the script names a word that is watched for
    document.querySelectorAll('script').forEach((script) => script.remove());
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    return seen;
  }, words);
  return () => watch.evaluate((seen) => [...seen]);
}
