import { chromium } from "@playwright/test";
const views = process.argv[2].split(","); const extra = process.argv[3] ?? "";
const [w,h] = (process.argv[4] ?? "1280x720").split("x").map(Number);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const p = await b.newPage({ viewport: { width: w, height: h } });
p.on("console", m => { if (m.type() === "error" || m.type()==="warning") console.log("console:", m.text().slice(0, 600)); });
p.on("pageerror", e => console.log("pageerror:", e.message.slice(0, 600), e.stack?.slice(0,400)));
for (const v of views) {
  const t = Date.now();
  await p.goto(`http://127.0.0.1:5199/dev/gallery.html?view=${v}${extra}`);
  await p.waitForFunction("window.ready === true", null, { timeout: 90000 });
  await p.screenshot({ path: `/tmp/sc/${v}${extra.replace(/\W/g,"_")}.png` });
  console.log(v, Date.now() - t, "ms", JSON.stringify(await p.evaluate("({...window.stage.stats(), took: Math.round(window.took)})")));
}
await b.close();
