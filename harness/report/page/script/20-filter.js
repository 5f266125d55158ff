// Which cells are shown: in the matrix, in the list, and how many are counted.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

const valuesOf = (words = "") => words.toLowerCase().replaceAll("_", "-").split(" ");

const cells = all("details.cell").map((element) => {
  const body = element.querySelector(".cell-body");
  let text = null;
  return {
    element,
    anchor: body.id,
    article: element.closest("article"),
    verdict: element.dataset.s,
    values: Object.fromEntries(KEYS_OF_QUERY.map((key) => [key, valuesOf(element.dataset[key])])),
    text() {
      const header = this.article.querySelector("header");
      return (text ??= `${header.textContent} ${body.querySelector("h4").textContent} ${element.textContent}`.toLowerCase());
    },
    shown: true,
  };
});
for (const cell of cells) {
  // in a run, the checks that were not passed; they are written down once, in the body
  const checks = all(".finding .check, .in-short.findings code", cell.element);
  cell.values.c.push(...checks.flatMap((one) => one.textContent.toLowerCase().replaceAll("_", "-").split(", ")));
}
const cellOf = new Map(cells.map((cell) => [cell.anchor, cell]));
const slots = all(".slot").map((element) => ({ element, cell: cellOf.get(element.hash.slice(1)) }));
const matrixRows = all(".matrix tbody tr");
const articles = all("article.scenario");

function applyFilter(query) {
  const terms = parseQuery(query);
  for (const cell of cells) {
    cell.shown = queryMatches(terms, cell);
    cell.element.hidden = !cell.shown;
  }
  for (const slot of slots) slot.element.classList.toggle("filtered", !slot.cell.shown);
  for (const row of matrixRows) row.hidden = terms.length > 0 && !row.querySelector(".slot:not(.filtered)");
  for (const article of articles) article.hidden = !article.querySelector("details.cell:not([hidden])");
  for (const rest of all(".rest")) {
    rest.hidden = terms.length > 0 && !rest.querySelector("tbody tr:not([hidden])");
    if (terms.length > 0 && !rest.hidden) rest.open = true;
  }
  const words = query.split(/\s+/);
  for (const chip of all("[data-toggle]")) chip.setAttribute("aria-pressed", String(words.includes(chip.dataset.toggle)));
  const count = cells.filter((cell) => cell.shown).length;
  byId("shown").textContent = `${count} of ${cells.length} shown`;
  byId("nothing").hidden = count > 0 || cells.length === 0;
}
