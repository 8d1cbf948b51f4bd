import { chromium } from "@playwright/test";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-quic"] });
const p = await b.newPage({ viewport: { width: 320, height: 180 } });
await p.goto(`http://127.0.0.1:5199/dev/gallery.html?view=high`); await p.waitForFunction("window.ready === true", null, { timeout: 90000 });
console.log(await p.evaluate(() => { const out = {}; window.stage.scene.traverse(o => { if (!o.isMesh) return; const g=o.geometry; const t=(g.index?g.index.count:g.attributes.position.count)/3; const n=o.isInstancedMesh?o.count:1; out[o.name]=[Math.round(t*n), t, n]; }); return JSON.stringify(out); }));
await b.close();
