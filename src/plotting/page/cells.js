/** Every run: its state, what it took; each opens its drawer. */

const SHOWN_CELLS = 300;

function cellLine(cell) {
  const row = ROWS[cell.row];
  const seconds =  // of a study that is not collected yet its provenance has it
      D.cells.finals.cost?.train_seconds?.[cell.index] ?? columnValue(D.cells.provenance, "train_seconds", cell.index);
  return h(
      `tr.r${row.index}`, {},
      h("th", {scope: "row"},
        h("button.row", {type: "button", onclick: () => set({cell: cell.id})}, swatch(row), h("span", {}, row.label))),
      h("td", {}, String(cell.seed)),
      h("td", {}, h(`span.state.${cell.state === "done" ? "done" : "bad"}`, {}, cell.state)),
      h("td", {}, seconds === undefined || seconds === null ? "–" : `${short(seconds)} s`),
      h("td", {}, h("code", {}, cell.id)));
}

function drawCells() {
  if (CELLS.length === 0) return;
  const {section, body} =
      panel("cells", "Cells", "One run each; a row opens what it was configured with, what it took, and where it ran.");
  byId("main").append(section);
  watch(["hide"], () => {
    const cells = shownRows().flatMap((row) => row.all);
    body.replaceChildren(h(
        "details", {open: cells.length <= 40}, h("summary", {}, `${cells.length} cells`),
        h("div.scroll", {},
          h("table.cells", {},
            h("thead", {},
              h("tr", {}, ["method", "seed", "state", "training", "id"].map((name) => h("th", {scope: "col"}, name)))),
            h("tbody", {}, cells.slice(0, SHOWN_CELLS).map(cellLine)))),
        cells.length > SHOWN_CELLS &&
            h("p.caption", {}, `The first ${SHOWN_CELLS} are listed; hide rows to see others.`)));
  });
}
