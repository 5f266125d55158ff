// A mark on the time axis tells what it is, and shows its row in the table.
for (const lanes of all(".lanes")) {
  const part = lanes.closest(".timeline");
  const tip = lanes.querySelector(".tip");
  const marks = lanes.getElementsByTagName("rect");
  const rows = part.querySelector("tbody").rows;
  const rowOf = (mark) => rows[[...marks].indexOf(mark)];

  function point(mark) {
    tip.hidden = !mark;
    if (!mark) return;
    for (const one of all(".at", part)) one.classList.remove("at");
    const row = rowOf(mark);
    mark.classList.add("at");
    row.classList.add("at");
    const [at, lane, what, detail, took] = [...row.cells].map((one) => one.textContent);
    tip.textContent = [`${at} s`, lane, what, detail, took && `took ${took} s`].filter(Boolean).join(" · ");
  }
  lanes.addEventListener("pointerover", (event) => point(event.target.closest("rect")));
  lanes.addEventListener("pointerleave", () => point(null));
  lanes.addEventListener("click", (event) => {
    const mark = event.target.closest("rect");
    if (!mark) return;
    part.querySelector("details").open = true;
    rowOf(mark).scrollIntoView({ block: "nearest" });
  });
}
