// The address holds the state: `#c-…`, `#q=s:fail`, or `#q=s:fail&at=c-…`. Back works.
const queryBox = byId("query");

function readAddress() {
  const hash = location.hash.slice(1);
  if (!hash.startsWith("q=")) return { query: "", at: decode(hash) };
  const [query, at = ""] = hash.slice(2).split("&at=");
  return { query: decode(query), at: decode(at) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const page = () => location.href.split("#")[0];

function address(query, at) {
  if (!query) return at ? `${page()}#${encodeURIComponent(at)}` : page();
  return `${page()}#q=${encodeURIComponent(query)}${at ? `&at=${encodeURIComponent(at)}` : ""}`;
}

/** Shows what the address says. */
function followAddress() {
  const { query, at } = readAddress();
  if (queryBox.value.trim() !== query) queryBox.value = query;
  applyFilter(query);
  const target = at && byId(at);
  if (target) reveal(target);
}

/** Opens all that a target lies in, and goes there. */
function reveal(target) {
  const cell = target.closest("details.cell");
  if ((cell ?? target.closest("article.scenario"))?.hidden) {
    go("", target.id, "The filter hid it, so it was cleared.");
    return;
  }
  for (let inner = target; inner; inner = inner.parentElement) if (inner.tagName === "DETAILS") inner.open = true;
  (target.classList.contains("cell-body") ? cell : target).scrollIntoView({ block: "start" });
  for (const old of all(".here")) old.classList.remove("here");
  target.classList.add("here");
  const heard = cell ? cell.querySelector("summary") : target;
  if (!cell) target.tabIndex = -1;
  heard.focus({ preventScroll: true });
}

/** A new entry in the history, without the browser's own jump. */
function go(query, at, words) {
  const next = address(query, at);
  if (next !== page() + location.hash) history.pushState(null, "", next);
  followAddress();
  if (words) say(words);
}

function say(words) {
  byId("toast").textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (byId("toast").textContent = ""), 4000);
}

addEventListener("hashchange", followAddress);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(readAddress().query, decode(link.hash.slice(1)));
});
queryBox.addEventListener("input", () => {
  history.replaceState(null, "", address(queryBox.value.trim(), ""));
  applyFilter(queryBox.value.trim());
});
