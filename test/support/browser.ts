/** A real Chromium, where one is installed (CHROMIUM, or a usual place), and what pages are asked. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));

/** For `skip` of a test: false, or why there is nothing to test with. */
export const NO_BROWSER: string | false =
  executablePath === undefined && 'no Chromium here: install it, or set CHROMIUM to its path';

export function launchBrowser(): Promise<Browser> {
  assert.ok(executablePath, 'tests without a browser are left out');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

export type Watched = {
  readonly page: Page;
  /** Errors of scripts, of the console, of the content policy; requests to other origins. */
  readonly complaints: string[];
};

/** A page that may talk to `origin` only, and whose complaints are collected. */
export async function watchedPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Watched> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:')) complaints.push(url);
  });
  return { page, complaints };
}

/** Goes to an address and waits until the explorer has drawn it. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector('main:not([aria-busy]) h1');
}

/** Content wider than the window. Unit: CSS pixels. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
}

/**
 * Text whose contrast to what lies behind it is below WCAG 2's 4.5, with the figure. Elements that
 * are disabled, not shown, or hold no text of their own are passed over.
 */
export async function weakTexts(page: Page): Promise<string[]> {
  return (await page.evaluate(CONTRAST)) as string[];
}

const CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba(matchMedia('(prefers-color-scheme: dark)').matches ? '#000' : '#fff');
  };
  const weak = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '');
    if (!own || element.matches(':disabled, noscript, script, style, option, svg *')) continue;
    if (!element.checkVisibility() || element.closest('.unseen, .skip') !== null) continue;
    const [a, b] = [rgba(getComputedStyle(element).color), behind(element)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.className +
      ' ' + element.textContent.trim().slice(0, 40));
  }
  return weak;
})()`;

/**
 * Goes through a page with Tab alone. Returns a line for each stop: name, and whether the focus can
 * be seen (an outline, or a change of colour).
 */
export async function tabStops(
  page: Page,
  count: number,
): Promise<{ name: string; isVisible: boolean }[]> {
  const stops: { name: string; isVisible: boolean }[] = [];
  for (let i = 0; i < count; i++) {
    await page.keyboard.press('Tab');
    stops.push(
      (await page.evaluate(`(() => {
        const at = document.activeElement;
        if (at === document.body) return { name: '(end of the page)', isVisible: true };
        const style = getComputedStyle(at);
        const box = at.getBoundingClientRect();
        const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        return { name: (at.getAttribute('aria-label') || at.textContent || at.tagName).trim(),
          isVisible: outlined && box.width > 0 && box.height > 0 };
      })()`)) as { name: string; isVisible: boolean },
    );
  }
  return stops;
}

/**
 * What assistive technologies would stumble over: controls without a name, pictures without a text,
 * ids given twice, headings that skip a level, scrolling places that the keyboard does not reach.
 */
export async function barriers(page: Page): Promise<string[]> {
  return (await page.evaluate(BARRIERS)) as string[];
}

const BARRIERS = `(() => {
  const found = [];
  if (!document.documentElement.lang) found.push('no language');
  if (document.title.trim() === '') found.push('no title');
  if (document.querySelectorAll('main h1').length !== 1) found.push('not one heading of level 1');
  const say = (what, node) => found.push(what + ': ' + node.outerHTML.slice(0, 120));
  const labelled = (node) => node.getAttribute('aria-label') || node.title ||
    [...(node.labels || [])].map((label) => label.textContent.trim()).join('');
  for (const node of document.querySelectorAll('a, button, summary')) {
    if (!node.textContent.trim() && !labelled(node)) say('no name', node);
  }
  for (const node of document.querySelectorAll('input, select, textarea')) {
    if (!labelled(node)) say('no label', node);
  }
  for (const node of document.querySelectorAll('svg')) {
    const isHidden = node.getAttribute('aria-hidden') === 'true';
    if (!isHidden && !node.getAttribute('aria-label')) say('no text', node);
  }
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) found.push('twice: ' + id);
  let level = 0;
  for (const node of document.querySelectorAll('main h1, main h2, main h3')) {
    if (!node.checkVisibility()) continue;
    const own = Number(node.tagName[1]);
    if (own > level + 1) say('skips a level', node);
    level = own;
  }
  for (const node of document.querySelectorAll('main *')) {
    const scrolls = node.scrollWidth > node.clientWidth + 1 &&
      ['auto', 'scroll'].includes(getComputedStyle(node).overflowX);
    const isReached = node.tabIndex >= 0 || node.querySelector('a, button, [tabindex="0"]') !== null;
    if (scrolls && !isReached) say('cannot be scrolled by keyboard', node);
  }
  return found;
})()`;
