"use strict";
// What a filter says: `s:fail b:kubernetes "two words" !t:smoke`.
document.documentElement.classList.add("js");

// The keys of a run are verdict, backend, environment, tag and check; of a validation
// verdict, category, proof and id.
const KEYS_OF_QUERY = ["s", "b", "e", "t", "c", "p", "id"];
const KEY = "(?:([a-z]+):)?";

/** The terms of a query; an unknown key is plain text. */
function parseQuery(text) {
  const terms = [];
  for (const [, not, key, quoted, plain] of text.matchAll(new RegExp(`(!?)${KEY}(?:"([^"]*)"?|([^\\s"]+))`, "gi"))) {
    const value = (quoted ?? plain).toLowerCase();
    const known = key && KEYS_OF_QUERY.includes(key.toLowerCase());
    if (!value && !known) continue;
    terms.push({
      not: not === "!",
      key: known ? key.toLowerCase() : "",
      value: known ? value.replaceAll("_", "-") : (key ? key.toLowerCase() + ":" : "") + value,
    });
  }
  return terms;
}

/** Whether a cell has what one term asks for. */
function termMatches(term, cell) {
  const value = term.value;
  const own = cell.values[term.key];
  switch (term.key) {
    case "s": return cell.verdict.startsWith(value) || (value.startsWith(cell.verdict) && value.length <= cell.verdict.length + 3);
    case "c":
    case "id": return own.some((one) => one.includes(value));
    case "": return cell.text().includes(value);
    default: return own.some((one) => one.startsWith(value));
  }
}

/** Terms of one key widen (docker or kubernetes); other keys, words and `!` narrow. */
function queryMatches(terms, cell) {
  const wide = new Map();
  for (const term of terms) {
    if (term.not) {
      if (termMatches(term, cell)) return false;
    } else if (!term.key) {
      if (!termMatches(term, cell)) return false;
    } else {
      wide.set(term.key, wide.get(term.key) || termMatches(term, cell));
    }
  }
  return [...wide.values()].every(Boolean);
}

/** The query with a term added, or taken out if it is there. */
function toggleTerm(query, term) {
  const words = query.match(/!?(?:[a-z]+:)?(?:"[^"]*"?|[^\s"]+)/gi) ?? [];
  const left = words.filter((word) => word !== term);
  return (left.length < words.length ? left : [...words, term]).join(" ");
}
