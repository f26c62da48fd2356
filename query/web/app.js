/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes the pages pleasanter, and nothing that they need: copying a citation, a
 * dossier that is kept from one search to the next (in this browser alone), turning
 * pages with the arrow keys, dropping a file.
 */
"use strict";

const KEY = "greffier-dossier";

function chosen() {
    try {
        const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
        return Array.isArray(kept) ? kept.filter((c) => /^[0-9a-f]{12}\.[0-9.]+$/.test(c)) : [];
    } catch {
        return [];
    }
}

function keep(list) {
    try {
        localStorage.setItem(KEY, JSON.stringify([...new Set(list)].slice(0, 100)));
    } catch {
        /* a browser that keeps nothing: the forms still work */
    }
    showDossier();
}

function dossierAddress(list) {
    return "/dossier" + (list.length ? "?" + list.map((c) => "c=" + c).join("&") : "");
}

/* The menu's link leads to what was chosen and says how much it is. */
function showDossier() {
    const link = document.querySelector('header nav a[href^="/dossier"]');
    const list = chosen();
    if (!link)
        return;
    link.href = dossierAddress(list);
    link.textContent = list.length ? `Mon dossier (${list.length})` : "Mon dossier";
    for (const box of document.querySelectorAll('input[name="c"][type="checkbox"]'))
        box.checked = list.includes(box.value);
}

function say(near, text) {
    const place = near.closest("section")?.querySelector("[role=status]");
    if (place)
        place.textContent = text;
}

/* Where the clipboard may not be used, the text is selected for the reader to copy. */
async function copy(button) {
    const from = document.getElementById(button.dataset.copy);
    try {
        await navigator.clipboard.writeText(from.textContent);
        say(button, "Citation copiée.");
    } catch {
        const range = document.createRange();
        range.selectNodeContents(from);
        const selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        const done = document.execCommand("copy");
        say(button, done ? "Citation copiée." : "Citation sélectionnée : copiez-la avec Ctrl+C.");
    }
}

document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-copy], [data-pick], [data-drop], [data-empty], [data-print]");
    if (!at)
        return;
    if (at.dataset.copy) {
        copy(at);
    } else if (at.dataset.pick) {
        event.preventDefault();
        keep([...chosen(), at.dataset.pick]);
        say(at, chosen().includes(at.dataset.pick)
            ? "Ajouté au dossier."
            : "Le dossier est plein : retirez-en un acte, ou videz-le.");
    } else if (at.dataset.drop) {
        keep(chosen().filter((c) => c !== at.dataset.drop));
    } else if ("empty" in at.dataset) {
        keep([]);
    } else {
        print();
    }
});

document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.name !== "c" || box.type !== "checkbox")
        return;
    const others = chosen().filter((c) => c !== box.value);
    keep(box.checked ? [...others, box.value] : others);
});

/* Arrow keys turn pages, unless something else on the page has the keys. */
document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
        return;
    if (event.target.closest("input, textarea, select, summary, .pane, .wide"))
        return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`.turn a[rel=${rel}], .pages a[rel=${rel}]`);
    if (link)
        link.click();
});

for (const zone of document.querySelectorAll("[data-drop-file]")) {
    zone.addEventListener("dragover", (event) => {
        event.preventDefault();
        zone.classList.add("over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
        event.preventDefault();
        zone.classList.remove("over");
        const input = zone.querySelector("input[type=file]");
        if (event.dataTransfer.files.length)
            input.files = event.dataTransfer.files;
    });
}

for (const button of document.querySelectorAll("[data-copy], [data-print]"))
    button.hidden = false;

/* On a phone the choices stand above the answers: closed until asked for. */
if (matchMedia("(max-width: 55.99rem)").matches) {
    for (const facets of document.querySelectorAll(".facets"))
        facets.open = false;
}

document.getElementById("rapport")?.focus();
showDossier();
