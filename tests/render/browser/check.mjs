// Opens a page of `scopegate review --format html` in Chromium, uses it, and prints as JSON what it found.
//
//   node check.mjs PAGE.html [FOLDER FOR SCREENSHOTS]
//   node check.mjs --only-open PAGE.html...
//   node check.mjs --time PAGE.html...
//
// With --only-open it opens each page, chooses its first resource, and prints a list; with --time it prints after how many
// milliseconds each can be used. CHROMIUM names the browser; without it, Debian's.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const mode = process.argv[2];
const [path, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const nothing = () => ({ errors: [], requests: [], dialogs: 0, violations: [] });
const found = nothing();

// Patience for a machine that does other things as well; how fast a page is, --time tells.
const timeout = 120_000;

async function opened(path, options, found) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(timeout);
  const page = await context.newPage();
  await open(page, path, found);
  return page;
}

async function open(page, path, found) {
  const address = pathToFileURL(path).href;
  for (const event of ["console", "pageerror", "request", "dialog"]) page.removeAllListeners(event);
  page.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  page.on("pageerror", (error) => found.errors.push(String(error)));
  page.on("request", (request) => request.url() !== address && found.requests.push(request.url()));
  page.on("dialog", (dialog) => { found.dialogs += 1; dialog.dismiss(); });
  await page.goto(address);
  await page.waitForSelector("html[data-ready=true]");
  found.scripts = await page.locator("script").count();
  found.foreign = await page.locator("img, iframe, object, embed, form, link, base, audio, video").count();
}

if (mode === "--time") {
  const times = [];
  for (const path of process.argv.slice(3)) {
    const page = await opened(path, { viewport: { width: 1280, height: 800 } }, nothing());
    times.push(await page.evaluate(() => Math.round(performance.getEntriesByName("interactive")[0].startTime)));
    await page.context().close();
  }
  await browser.close();
  console.log(JSON.stringify(times));
  process.exit(0);
}

if (mode === "--only-open") {
  const all = [], page = await browser.newPage();
  page.setDefaultTimeout(timeout);
  for (const path of process.argv.slice(3)) {
    const one = nothing();
    await open(page, path, one);
    await page.locator("#rows tr button").first().click();
    one.details = await page.locator("#details h3").first().textContent();
    all.push(one);
  }
  await browser.close();
  console.log(JSON.stringify(all));
  process.exit(0);
}

async function accessible(page, theme) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of violations)
    if (["serious", "critical"].includes(violation.impact))
      found.violations.push(`${theme}: ${violation.id}: ${violation.nodes[0].html}`);
}

const laptop = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
const page = await opened(path, laptop, found);
const text = (selector) => page.locator(selector).first().textContent();
const rows = () => page.locator("#rows tr").count();

found.title = await page.title();
found.heading = await text("h1");
found.spots = await page.locator(".map .region").count();
found.rows = await rows();
found.count = await text("#count");
found.grouped = await text("#grouped");
found.drawn = await page.evaluate(() => {
  const canvas = document.querySelector("#graph canvas[data-id='layer2-node']");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value) => value !== 0);
});
await accessible(page, "light");
if (folder) await page.screenshot({ path: `${folder}/laptop.png` });
if (folder) await page.screenshot({ path: `${folder}/laptop-whole.png`, fullPage: true });

// Sorting by name, from the keyboard, and choosing the first.
await page.locator("[data-sort=address]").focus();
await page.keyboard.press("Enter");
found.sorted = await page.locator("th[aria-sort=ascending]").textContent();
found.first = await text("#rows tr button");
await page.locator("#rows tr button").first().click();
found.details = await text("#details h3");

// The graph shows the one that is searched for in its middle, and a click on it chooses it.
if (found.rows) {
  const last = await page.locator("#rows tr button").last().textContent();
  await page.fill("#filter-text", last.toLowerCase());
  found.searched = await rows();
  const box = await page.locator("#graph").boundingBox();
  await page.locator("#graph").scrollIntoViewIfNeeded();
  const at = await page.locator("#graph").boundingBox();
  // It moves there, so a click on the way misses it.
  for (let tries = 0; tries < 20 && !found.clicked; tries++) {
    await page.waitForTimeout(300);
    await page.mouse.click(at.x + box.width / 2, at.y + box.height / 2);
    await page.waitForTimeout(300);
    found.clicked = (await text("#details h3")) === last;
  }
  await page.click("#filter-clear");
}

// A region on the map filters, from the keyboard too.
if (found.spots) {
  const spot = page.locator(".map .region").first();
  await spot.focus();
  await page.keyboard.press("Enter");
  found.pressed = await spot.getAttribute("aria-pressed");
  found.filtered = await text("#count");
  await page.keyboard.press("Enter");
  found.unfiltered = await text("#count");
}
await page.click("#theme");
found.theme = await page.evaluate(() => document.documentElement.dataset.theme);
await accessible(page, "dark");
if (folder) await page.screenshot({ path: `${folder}/dark.png`, fullPage: true });

if (folder) {
  const phone = await opened(path, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }, found);
  await phone.screenshot({ path: `${folder}/phone.png` });
  await phone.screenshot({ path: `${folder}/phone-whole.png`, fullPage: true });
  found.sideways = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const paper = await opened(path, { viewport: { width: 794, height: 1123 } }, found);
  await paper.emulateMedia({ media: "print" });
  await paper.screenshot({ path: `${folder}/print.png`, fullPage: true });
  await paper.pdf({ path: `${folder}/print.pdf`, format: "A4" });
}
await browser.close();
console.log(JSON.stringify(found, null, 2));
