// Draws flowcharts with Mermaid itself, as the code host would, and prints as JSON what each became.
//
//   node mermaid.mjs CHARTS.json
//
// CHARTS.json is a list of sources.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const charts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const path = createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.setContent("<body></body>");
await page.addScriptTag({ path });
const found = await page.evaluate(async (sources) => {
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  const drawn = [];
  for (const [number, source] of sources.entries()) {
    try {
      const { svg } = await mermaid.render(`chart${number}`, source);
      const holder = new DOMParser().parseFromString(svg, "image/svg+xml");
      drawn.push({
        nodes: holder.querySelectorAll(".node").length, boxes: holder.querySelectorAll(".cluster").length,
        labels: [...holder.querySelectorAll(".node .nodeLabel")].map((label) => label.textContent),
        foreign: holder.querySelectorAll("img, a, script, iframe").length,
      });
    } catch (error) {
      drawn.push({ error: String(error) });
    }
  }
  return drawn;
}, charts);
await browser.close();
console.log(JSON.stringify(found));
