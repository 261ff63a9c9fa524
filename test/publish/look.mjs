// Opens pages in a real browser with the network shut and prints what it finds in each look, as JSON.
// Arguments: the browser's program, a folder for screenshots, and the pages' files; that of a search with what is sought: search.html?q=word.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { chromium } = require('@playwright/test');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [executablePath, screenshots, ...pages] = process.argv.slice(2);
// A page is opened on a phone and changes with the window and the theme, as it does in front of a reader.
const looks = [
  { name: 'phone', colorScheme: 'light', width: 390, height: 844 },
  { name: 'light', colorScheme: 'light', width: 1280, height: 900 },
  { name: 'dark', colorScheme: 'dark', width: 1280, height: 900 }
];

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const found = [];
for (const file of pages) found.push(...(await read(file)));
await browser.close();
console.log(JSON.stringify(found));

async function read(address) {
  const [file, query] = address.split('?');
  const [{ width, height, colorScheme }] = looks;
  const viewport = { width, height };
  const context = await browser.newContext({ colorScheme, viewport, offline: true });
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', error => troubles.push(error.message));
  page.on('console', message => message.type() === 'error' && troubles.push(message.text()));
  page.on('request', request => {
    if (!/^(file|data|blob):/.test(request.url())) troubles.push(`asks for ${request.url()}`);
  });
  await page.goto(`${pathToFileURL(file).href}${query ? `?${query}` : ''}`);
  if (query) await page.getByText('Search finished').waitFor();
  for (const figure of await page.locator('.joulebook-figure').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('.main-svg').first().waitFor();
  }
  if (await page.locator('.math, main:has-text("$")').count()) {
    await page.locator('mjx-container').first().waitFor({ timeout: 20_000 });
  }
  await page.evaluate(axe);
  const name = `${basename(dirname(file))}-${basename(file, '.html')}`;
  const found = [];
  for (const each of looks) {
    const seen = await look(page, each);
    const wrong = await violations(page);
    found.push({
      page: name,
      name: each.name,
      ...seen,
      troubles: [...troubles],
      violations: wrong
    });
    await page.screenshot({
      path: join(screenshots, `page-${name}-${each.name}.png`),
      fullPage: true
    });
  }
  await context.close();
  return found;
}

async function look(page, { colorScheme, width, height }) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height });
  await page.evaluate(() => scrollTo(0, 0));
  return page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    badges: document.querySelectorAll('.joulebook-badge').length,
    formulas: document.querySelectorAll('mjx-container').length,
    results: document.querySelectorAll('#search-results li').length,
    figures: document.querySelectorAll('.joulebook-live').length,
    withoutAlt: [...document.images].filter(image => !image.alt).length,
    pwned: 'pwned' in window,
    ground: getComputedStyle(document.body).backgroundColor
  }));
}

function violations(page) {
  // To fetch the page's style sheets again, as axe would, is no business of a page without a server.
  return page.evaluate(async () =>
    (await window.axe.run({ preload: false })).violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0].html}`
    )
  );
}
