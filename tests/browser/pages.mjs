// SPDX-License-Identifier: GPL-3.0-or-later
//
// The pages in a real browser. TAP on stdout.
// usage: node pages.mjs ADDRESS MODULES CHROMIUM [SCREENSHOTS]
//   ADDRESS      of a server on the sample acts and the hostile act of t0610-browser.t
//   MODULES      folder with node_modules/ of package.json
//   SCREENSHOTS  folder for pictures of each page (those in doc/ are made so)
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import assert from "node:assert/strict";

const [address, modules, executablePath, shots] = process.argv.slice(2);
const require = createRequire(resolve(modules) + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const wide = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };

// What a page must never do, watched in every context.
const faults = [];

async function open(path, options = {}, watch = () => {}) {
    const context = await browser.newContext({ viewport: wide, locale: "fr-FR", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    page.on("dialog", (d) => { faults.push(`dialog: ${d.message()}`); d.dismiss(); });
    page.on("pageerror", (e) => faults.push(`${path}: ${e.message}`));
    page.on("console", (m) => {
        if (m.type() === "error" && !/status of 40[04]/.test(m.text()))
            faults.push(`${path}: ${m.text()}`);
    });
    page.on("request", (r) => {
        if (!r.url().startsWith(address) && !r.url().startsWith("data:"))
            faults.push(`outside: ${r.url()}`);
    });
    watch(page);
    await page.goto(address + path);
    return page;
}

let number = 0;
let failed = 0;
async function test(name, run) {
    number++;
    let page;
    try {
        page = await run();
        console.log(`ok ${number} - ${name}`);
    } catch (e) {
        failed++;
        console.log(`not ok ${number} - ${name}`);
        console.log(String(e.stack).replace(/^/gm, "# "));
    }
    for (const context of browser.contexts())
        await context.close();
}

const question = "/?q=" + encodeURIComponent("Combien coûte un repas à la cantine ?");
// Follows a link to the end: scripts have run when this comes back.
const follow = (page, link) => Promise.all([page.waitForEvent("load"), link.click()]);
const texts = (page, selector) => page.locator(selector).allInnerTexts();

async function firstAct(page) {
    return address === new URL(page.url()).origin
        ? page.locator(".result h3 a").first().getAttribute("href")
        : null;
}

await test("a first visit offers one box and examples that lead somewhere", async () => {
    const came = [];
    const page = await open("/", {}, (p) => p.on("response", (r) => came.push(r)));
    let bytes = 0;
    for (const r of came)
        bytes += (await r.body()).length;
    assert.ok(came.length >= 3 && bytes > 10000 && bytes < 100 * 1024, `${bytes} bytes`);
    assert.equal(await page.getByRole("searchbox").count(), 1);
    assert.match(await page.locator("h1").innerText(), /Rechercher/);
    const examples = page.locator(".examples a");
    assert.ok(await examples.count() >= 4);
    await follow(page, examples.first());
    assert.ok(await page.locator(".result").count() > 0);
    assert.notEqual(await page.getByRole("searchbox").inputValue(), "");
});

await test("a question finds the act, with its line and the words marked", async () => {
    const page = await open("/");
    await page.getByRole("searchbox").fill("abattage des tilleuls de la place");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=abattage/);
    const first = page.locator(".result", { hasText: "Place des Tilleuls : abattage" }).first();
    assert.match(await first.locator(".line").innerText(), /Délibération.*2018/s);
    assert.match((await first.locator("mark").allInnerTexts()).join(" "), /abattage|tilleul/i);
    assert.match(await first.locator(".where").innerText(), /page \d+/);
    await page.reload();
    assert.equal(await page.getByRole("searchbox").inputValue(), "abattage des tilleuls de la place");
});

await test("the page of the act shows the quote marked on its picture", async () => {
    const page = await open(question);
    const quote = await page.locator(".result blockquote").first().innerText();
    await follow(page, page.locator(".result h3 a").first());
    const image = page.locator(".pane img");
    await image.evaluate((i) => i.decode());
    assert.equal(await image.evaluate((i) => i.naturalWidth), 1000);
    const frame = await image.boundingBox();
    const rects = page.locator(".marks rect");
    assert.ok(await rects.count() > 0);
    for (const r of await rects.all()) {
        const box = await r.boundingBox();
        assert.ok(box.width > 4 && box.height > 4);
        assert.ok(box.x >= frame.x - 4 && box.x + box.width <= frame.x + frame.width + 4);
        assert.ok(box.y >= frame.y - 4 && box.y + box.height <= frame.y + frame.height + 4);
    }
    const plain = (z) => z.replace(/[«»\s ]+/g, "");
    assert.ok(plain(await page.locator("#citation").innerText()).includes(plain(quote)));
    assert.ok(plain((await texts(page, ".text mark")).join("")).includes(plain(quote).slice(0, 40)));
    await follow(page, page.locator(".back a"));
    assert.equal(new URL(page.url()).pathname, "/");
    assert.match(await page.getByRole("searchbox").inputValue(), /repas/);
});

await test("pages turn by link and by arrow key, and zoom", async () => {
    const page = await open("/?q=registre&body=Courvanne-les-Tilleuls&from=2021&to=2021");
    await follow(page, page.locator('.result a[href*="page=2"]').first());
    await page.waitForSelector(".viewer h2");
    assert.match(await page.locator(".viewer h2").innerText(), /Page 2 sur/);
    await follow(page, page.locator(".turn a[rel=next]"));
    assert.match(await page.locator(".viewer h2").innerText(), /Page 3 sur/);
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => /Page 2/.test(document.querySelector(".viewer h2").innerText));
    await follow(page, page.getByRole("link", { name: "Agrandir", exact: true }));
    await page.locator(".pane.zoom1 img").evaluate((i) => i.decode());
    assert.equal(await page.locator(".pane img").evaluate((i) => i.naturalWidth), 1600);
});

await test("arrow keys in a wide table scroll it and turn no page", async () => {
    const page = await open("/?q=registre&body=Courvanne-les-Tilleuls&from=2021&to=2021");
    await follow(page, page.locator('.result a[href*="page=2"]').first());
    await page.locator(".turn a[rel=next]").evaluate((next) => {
        const wide = document.createElement("div");
        wide.className = "wide";
        wide.tabIndex = 0;
        document.querySelector("main").append(wide);
        window.turned = 0;
        next.addEventListener("click", (e) => { window.turned++; e.preventDefault(); });
        wide.focus();
    });
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => window.turned), 0);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => window.turned), 1);
});

await test("a citation is copied whole", async () => {
    const page = await open(question, { permissions: ["clipboard-read", "clipboard-write"] });
    await follow(page, page.locator(".result h3 a").first());
    await page.getByRole("button", { name: "Copier la citation" }).click();
    await page.getByText("Citation copiée.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^«\s.+\s» \(Courvanne-les-Tilleuls, délibération n°\s.+ du \d+.* \d{4}, «\s.+\s», p\.\s\d+ du fichier .+\.pdf\)\.$/s);
});

await test("facets count what they say and narrow the answers", async () => {
    const page = await open(question);
    const of = Number((await page.locator(".facets .hint").innerText()).match(/(\d+) actes/)[1]);
    const year = page.locator('.facets li:has(a[href*="from=2021"])').first();
    const n = Number(await year.locator(".count").innerText());
    assert.ok(n > 0 && n <= of, `${n} of ${of}`);
    await follow(page, year.locator("a"));
    const days = await page.locator(".result time").evaluateAll((v) => v.map((t) => t.dateTime));
    assert.ok(days.length > 0 && days.every((d) => d.startsWith("2021-")), days.join());
    const narrowed = Number((await page.locator(".facets .hint").innerText()).match(/(\d+) actes/)[1]);
    assert.ok(narrowed >= n, `${narrowed} after ${n}`);
    const on = page.locator(".facets li:has(.on) a");
    assert.match(await on.innerText(), /Retirer\s: 2021/);
    await follow(page, on);
    assert.doesNotMatch(page.url(), /2021/);
});

await test("by date, the newest come first", async () => {
    const page = await open(question);
    await follow(page, page.getByRole("link", { name: "les plus récents d’abord" }));
    const days = await page.locator(".result .line time").evaluateAll((v) => v.map((t) => t.dateTime));
    assert.ok(days.length > 3);
    assert.deepEqual(days, [...days].sort().reverse());
    await follow(page, page.locator(".pages a[rel=next]"));
    const later = await page.locator(".result .line time").evaluateAll((v) => v.map((t) => t.dateTime));
    assert.ok(later[0] <= days[days.length - 1]);
});

await test("what is not there is said, and the nearest set apart", async () => {
    const page = await open("/?q=" + encodeURIComponent("construction d’un port de plaisance"));
    assert.match(await page.locator(".verdict h2").innerText(), /Non trouvé dans les actes/);
    assert.match(await page.locator(".nearest h2").innerText(), /ne répondent pas/);
    assert.equal(await page.locator(".facets").count(), 0);
    assert.equal(await page.locator(".result").count(), await page.locator(".nearest .result").count());
});

await test("a pasted draft is checked, and so is a file", async () => {
    const page = await open("/verifier");
    await page.getByLabel("Texte du projet").fill(
        "Vu l’article L. 2121-29 du CGCT et l’article L. 2122-99 du CGCT,\nVu l’article L. 2212-2 du CGCT ;");
    await page.locator("#le").fill("2015-06-01");
    await follow(page, page.getByRole("button", { name: "Vérifier" }));
    await page.waitForSelector(".report");
    assert.match(await page.locator(".group.good").innerText(), /L\. 2121-29/);
    assert.match(await page.locator(".group.bad").innerText(), /L\. 2122-99/);
    assert.match(await page.locator(".group.look").innerText(), /L\. 2212-2.*chang|modifi/is);
    assert.match(await page.locator(".group.bad mark").innerText(), /2122-99/);
    await page.locator("#fichier").setInputFiles({ name: "projet <b>.txt", mimeType: "text/plain",
        buffer: Buffer.from("Vu l’article L. 2121-29 du CGCT") });
    await page.locator("#texte").fill("");
    await follow(page, page.getByRole("button", { name: "Vérifier" }));
    await page.waitForFunction(() => /projet <b>/.test(document.querySelector("#rapport")?.innerText));
    assert.match(await page.locator(".group.good").innerText(), /L\. 2121-29/);
    await follow(page, page.getByRole("button", { name: "Vérifier" }));
    assert.match(await page.locator(".notice").innerText(), /rien à vérifier/);
});

await test("an article shows its versions, what changed, and who cites it", async () => {
    const page = await open("/loi");
    await page.getByLabel("Quel article").fill("art 2212-2 cgct");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/loi\/CGCT\/L2212-2/);
    assert.equal(await page.locator(".versions li").count(), 2);
    await follow(page, page.locator(".versions a").last());
    assert.match(await page.locator("main").innerText(), /Modifié depuis/);
    await page.getByText("De cette version à celle d’aujourd’hui").click();
    assert.match((await texts(page, ".diff del")).join(" "), /anciens/);
    assert.match((await texts(page, ".diff ins")).join(" "), /nouveaux/);
    await page.goto(address + "/loi/CGCT/L2121-29");
    assert.match(await page.locator("main").innerText(), /actes? le cite/);
    await page.goto(address + "/loi?ref=" + encodeURIComponent("<script>alert(1)</script>"));
    assert.match(await page.locator(".notice").innerText(), /n’est pas une référence/);
});

await test("a dossier is gathered, kept, printed and taken along", async () => {
    const page = await open(question);
    await page.locator(".pick input").nth(0).check();
    await page.locator(".pick input").nth(1).check();
    await page.goto(address + "/?q=tilleuls");
    await follow(page, page.locator(".result h3 a").first());
    await page.getByRole("button", { name: "Mettre dans le dossier" }).click();
    const link = page.getByRole("link", { name: "Mon dossier (3)" });
    await follow(page, link);
    assert.equal(await page.locator(".chosen").count(), 3);
    assert.equal(await page.locator(".chosen blockquote").count(), 3);
    const file = await page.context().request.get(address +
        await page.getByRole("link", { name: /Télécharger pour Word/ }).getAttribute("href"));
    assert.match(file.headers()["content-disposition"], /dossier\.html/);
    assert.equal((await file.text()).match(/<blockquote>/g).length, 3);
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator("header.top").isHidden());
    assert.ok(await page.locator(".chosen").first().isVisible());
    await page.emulateMedia({ media: "screen" });
    await follow(page, page.locator(".remove a").first());
    await page.getByRole("link", { name: "Mon dossier (2)" }).waitFor();
    assert.equal(await page.locator(".chosen").count(), 2);
    await follow(page, page.getByRole("link", { name: "Vider le dossier" }));
    await page.getByRole("link", { name: "Mon dossier", exact: true }).waitFor();
    assert.match(await page.locator("main").innerText(), /Il est vide/);
});

await test("everything can be done with the keyboard alone", async () => {
    const page = await open("/");
    await page.keyboard.press("Tab");
    assert.match(await page.evaluate(() => document.activeElement.innerText), /Aller au contenu/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.type("cantine");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=cantine/);
    let reached = false;
    for (let i = 0; i < 80 && !reached; i++) {
        await page.keyboard.press("Tab");
        reached = await page.evaluate(() => {
            const e = document.activeElement;
            const ring = getComputedStyle(e).outlineStyle;
            if (ring === "none" || e.getBoundingClientRect().width === 0)
                throw new Error("no visible focus on " + e.outerHTML.slice(0, 90));
            return Boolean(e.closest(".result h3"));
        });
    }
    assert.ok(reached);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/acte\//);
    assert.equal(await page.locator("h1").count(), 1);
});

await test("it works without JavaScript", async () => {
    const page = await open("/", { javaScriptEnabled: false });
    await page.locator("#q").fill("cantine");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=cantine/);
    await page.locator(".pick input").nth(0).check();
    await page.locator(".pick input").nth(2).check();
    await follow(page, page.getByRole("button", { name: /Réunir les actes/ }));
    assert.equal(await page.locator(".chosen").count(), 2);
    await follow(page, page.locator(".chosen h2 a").first());
    assert.ok(await page.locator(".marks rect").count() > 0);
    assert.ok(await page.getByRole("button", { name: "Copier" }).isHidden());
    await page.goto(address + "/verifier");
    await page.locator("#texte").fill("Vu l’article L. 2121-29 du CGCT");
    await follow(page, page.getByRole("button", { name: "Vérifier" }));
    assert.match(await page.locator(".group.good").innerText(), /L\. 2121-29/);
});

await test("what acts, files and questions try does not come through", async () => {
    const all = `'"></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const page = await open("/?q=" + encodeURIComponent("restaurer le lavoir de la rue Basse"));
    const result = page.locator(".result", { hasText: "onerror=alert" }).first();
    assert.match(await result.locator("h3").innerText(), /<img src=x/);
    assert.match(await result.locator("blockquote").innerText(), /<script>/);
    assert.equal(await page.locator("main script, main img").count(), 0);
    await follow(page, result.locator("h3 a"));
    assert.match(await page.locator("h1").innerText(), /<img/);
    assert.match(await page.locator(".text").innerText(), /<script>alert\(3\)<\/script>/);
    assert.equal(await page.locator("main script, main img:not(.pane img)").count(), 0);
    assert.match(await page.locator(".facts").innerText(), /onerror=alert/);
    const e = encodeURIComponent(all);
    for (const p of [`/?q=${e}`, `/?q=cantine&body=${e}&from=${e}`, `/loi?ref=${e}&le=${e}`,
        `/loi/${e}`, `/acte/${e}`, `/dossier?titre=${e}&c=${e}`, `/?q=cantine&ref=${e}`,
        `/?q=cantine&kind=${e}&p=${e}&tri=${e}`]) {
        await page.goto(address + p);
        assert.equal(await page.locator("main script, main img, body > script").count(), 0, p);
    }
    await page.goto(address + "/?q=cantine");
    const act = await firstAct(page);
    await page.goto(address + act.replace(/&r=.*/, "") + "&r=" + encodeURIComponent('//evil.example/"><script>'));
    assert.equal(new URL(await page.locator(".back a").evaluate((a) => a.href)).origin, address);
});

// ---- every page, in every guise

const act = await (async () => firstAct(await open(question)))();
const place = (z) => [z.match(/acte\/([0-9a-f.]+)/)[1], ...["page", "de", "a"].map((n) => new URL(z, address).searchParams.get(n))].join(".");
const pages = {
    "accueil": "/",
    "recherche": question,
    "non-trouve": "/?q=" + encodeURIComponent("construction d’un port de plaisance"),
    "acte": act,
    "loi": "/loi",
    "article": "/loi/CGCT/L2212-2?le=2015-01-01",
    "verifier": "/verifier",
    "couverture": "/couverture",
    "dossier": "/dossier?c=" + place(act),
    "erreur": "/acte/0123456789ab.1",
};

async function serious(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
    return violations.filter((v) => v.impact === "serious" || v.impact === "critical")
        .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
}

// A page has its landmarks and one title, and nothing that the policy forbids.
async function sound(page, name) {
    for (const landmark of ["body > header", "nav[aria-label]", "main", "body > footer"])
        assert.equal(await page.locator(landmark).count() > 0, true, `${name}: ${landmark}`);
    assert.equal(await page.locator("h1").count(), 1, name);
    assert.equal(await page.locator("[style], [onclick], main script, style").count(), 0, name);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= page.viewportSize().width, `${name}: ${width} pixels wide`);
    assert.deepEqual(await serious(page), [], name);
}

for (const [guise, options] of Object.entries({
    "light": {},
    "dark, on a phone": { colorScheme: "dark", viewport: phone },
})) {
    await test(`every page is sound, and axe finds nothing serious: ${guise}`, async () => {
        const page = await open("/", options);
        for (const [name, path] of Object.entries(pages)) {
            await page.goto(address + path);
            await sound(page, name);
        }
        await page.goto(address + "/verifier");
        await page.locator("#texte").fill("Vu les articles L. 2121-29 et L. 2122-99 du CGCT");
        await follow(page, page.getByRole("button", { name: "Vérifier" }));
        await page.waitForSelector(".report");
        await sound(page, "report");
    });
}

await test("nothing came from elsewhere, failed in the console or opened a dialog", async () => {
    assert.deepEqual(faults, []);
});

// ---- pictures for the documentation

if (shots) {
    const save = async (name, path, options, act) => {
        options = { viewport: { width: 1100, height: 760 }, ...options };
        const page = await open(path, options);
        if (act)
            await act(page);
        for (const image of await page.locator("img").all())
            await image.evaluate((i) => i.decode());
        await page.screenshot({ path: `${shots}/${name}.png` });
        await page.context().close();
    };
    for (const [name, path] of Object.entries(pages)) {
        if (name !== "erreur")
            await save(name, path, {});
    }
    await save("rapport", "/verifier", {}, async (page) => {
        await page.locator("#texte").fill("Vu les articles L. 2121-29 et L. 2122-99 du CGCT,\nVu l’article L. 2212-2 du CGCT,");
        await follow(page, page.getByRole("button", { name: "Vérifier" }));
        await page.waitForSelector(".report");
    });
    await save("telephone", question, { viewport: phone, colorScheme: "dark" });
    await save("acte-sombre", act, { colorScheme: "dark" });
}

await browser.close();
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
