// Opens pages in a real browser with the network shut and prints what it finds, as JSON.
// Arguments: the browser's program, a folder for screenshots, the looks (light,dark,phone), and the pages' files.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { chromium } = require('@playwright/test');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [executablePath, screenshots, wanted, ...pages] = process.argv.slice(2);
const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } }
];

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const found = [];
for (const page of pages) {
  for (const { name, ...options } of looks.filter(each => wanted.includes(each.name)))
    found.push(await look(page, name, options));
}
await browser.close();
console.log(JSON.stringify(found));

async function look(file, name, options) {
  const context = await browser.newContext({ ...options, offline: true });
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', error => troubles.push(error.message));
  page.on('console', message => message.type() === 'error' && troubles.push(message.text()));
  page.on('request', request => {
    if (!/^(file|data|blob):/.test(request.url())) troubles.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  for (const figure of await page.locator('.joulebook-figure').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('.main-svg').first().waitFor();
  }
  if (await page.locator('.math, main:has-text("$")').count()) {
    await page.locator('mjx-container').first().waitFor({ timeout: 20_000 });
  }
  await page.evaluate(() => scrollTo(0, 0));
  const seen = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    badges: document.querySelectorAll('.joulebook-badge').length,
    formulas: document.querySelectorAll('mjx-container').length,
    figures: document.querySelectorAll('.joulebook-live').length,
    withoutAlt: [...document.images].filter(image => !image.alt).length,
    pwned: 'pwned' in window,
    ground: getComputedStyle(document.body).backgroundColor
  }));
  const beforeAxe = [...troubles];
  await page.evaluate(axe);
  const violations = await page.evaluate(async () =>
    (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  );
  const picture = join(screenshots, `${basename(file, '.html')}-${name}.png`);
  await page.screenshot({ path: picture, fullPage: true });
  await context.close();
  return { page: basename(file), name, ...seen, troubles: beforeAxe, violations };
}
