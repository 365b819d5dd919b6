import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';

/** Where Chromium is; undefined where there is none. */
export const chromiumPath: string | undefined = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** A page with what it did so far. */
export interface OpenPage {
  readonly page: Page;
  /** Console messages and errors, policy violations among them; a test that expects some takes them out. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: string[];
}

let browser: Promise<Browser> | undefined;
const opened: { readonly url: string; readonly open: OpenPage }[] = [];

afterEach(async () => {
  for (const { url, open } of opened.splice(0)) {
    await open.page.context().close();
    expect(open.complaints).toEqual([]);
    expect(open.requests.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith('data:'))).toEqual([]);
    expect(open.requests.length).toBeGreaterThan(1);
  }
});

afterAll(async () => {
  await (await browser)?.close();
});

/** Opens the playground of a server; after the test its console must be empty and no request may have left the server. */
export async function openPlayground({ url }: { readonly url: string }, options: BrowserContextOptions = {}): Promise<OpenPage> {
  browser ??= chromium.launch({ ...(chromiumPath !== undefined && { executablePath: chromiumPath }), args: ['--no-sandbox'] });
  const context = await (await browser).newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const open: OpenPage = { page, complaints: [], requests: [] };
  page.on('console', (message) => open.complaints.push(message.text()));
  page.on('pageerror', (error) => open.complaints.push(error.message));
  page.on('request', (request) => open.requests.push(request.url()));
  opened.push({ url, open });
  await page.goto(url);
  return open;
}

/** Fills the answer in and presses a button. */
export async function ask({ page }: OpenPage, button: 'Align' | 'Stream' | 'Inspect', answer: string): Promise<void> {
  await page.getByLabel('ethical', { exact: true }).waitFor();
  await page.getByLabel('Answer').fill(answer);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** Waits for the headline of a result. */
export async function headline({ page }: OpenPage, name: string): Promise<string> {
  const status = page.locator('.results [role=status]').filter({ has: page.getByText(name, { exact: true }) });
  await status.waitFor();
  return status.innerText();
}

/** Text of an element as it is shown, without what only screen readers get. */
export async function shown({ page }: OpenPage, selector: string): Promise<string[]> {
  return page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const copy = element.cloneNode(true) as Element;
      copy.querySelectorAll('.unseen').forEach((hidden) => hidden.remove());
      return copy.textContent ?? '';
    }),
  );
}

/** Text whose contrast with what is behind it is too low, with the ratio. */
export async function lowContrast({ page }: OpenPage, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = parse(color).map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element): string => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        if (parse(backgroundColor)[3] !== 0) return backgroundColor;
      }
      return 'rgb(255, 255, 255)';
    };
    const elements = Array.from(document.querySelectorAll('body *:not(script, style, noscript)'));
    const texts = elements.filter((element) => Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''));
    return texts.flatMap((element) => {
      const [one = 0, other = 0] = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      return ratio < least ? [`${element.className} ${element.textContent}: ${ratio.toFixed(2)}`] : [];
    });
  }, least);
}
