// Everything a key does has a button; both end in `act`.

function currentCell() {
  const element = document.activeElement?.closest?.("details.cell");
  return cells.find((cell) => cell.element === (element ?? currentCell.last)) ?? null;
}
document.addEventListener("focusin", (event) => {
  const element = event.target.closest("details.cell");
  if (element) currentCell.last = element;
});

/** To the next (1) or previous (-1) shown cell that is wanted. */
function move(step, wanted, open) {
  const shown = cells.filter((cell) => cell.shown);
  const from = shown.indexOf(currentCell());
  const start = from < 0 && step < 0 ? shown.length : from;
  for (let at = start + step; at >= 0 && at < shown.length; at += step) {
    if (!wanted(shown[at])) continue;
    const element = shown[at].element;
    if (open) element.open = true;
    const summary = element.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: open ? "start" : "nearest" });
    return;
  }
  say(step > 0 ? "This was the last one." : "This was the first one.");
}

const failed = (cell) => cell.verdict === "fail" || cell.verdict === "error";
const ACTIONS = {
  "all": () => go("", ""),
  "failed": () => go(toggleTerm(readAddress().query, "s:fail"), ""),
  "warned": () => { if (document.querySelector("[data-toggle='s:warn']")) go(toggleTerm(readAddress().query, "s:warn"), ""); },
  "unproven": () => go(toggleTerm(readAddress().query, "s:not-proven"), ""),
  "next-cell": () => move(1, () => true, false),
  "previous-cell": () => move(-1, () => true, false),
  "next-failure": () => move(1, failed, true),
  "previous-failure": () => move(-1, failed, true),
  "search": () => { queryBox.focus(); queryBox.select(); },
  "help": () => byId("help").showModal(),
  "link": () => { const cell = currentCell(); if (cell) copy(linkTo(cell.anchor), "Link copied."); else say("Choose one first (j, k)."); },
  "print": () => print(),
  "print-all": () => { for (const part of all("details")) part.open = true; print(); },
  "copy-data": () => copy(byId("data").textContent.trim(), "JSON copied."),
};
const KEYS = { a: "all", f: "failed", w: "warned", u: "unproven", j: "next-cell", k: "previous-cell", n: "next-failure", p: "previous-failure", "/": "search", "?": "help", y: "link" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  ACTIONS[action]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { act, toggle, query, copy: text, copyLink } = button.dataset;
  if (act) ACTIONS[act]();
  else if (toggle) go(toggleTerm(readAddress().query, toggle), "");
  else if (query) go(query, "scenarios");
  else if (text !== undefined) copy(text, "Copied.");
  else if (copyLink) copy(linkTo(copyLink), "Link copied.");
});

const linkTo = (anchor) => address("", anchor);

function copy(text, words) {
  const done = () => say(words);
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => copyBySelection(text, done));
  else copyBySelection(text, done);
}

/** Where there is no clipboard for scripts: a plain http address, an old browser. */
function copyBySelection(text, done) {
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  if (copied) done();
  else say("The browser doesn't let this page copy; select the text instead.");
}
