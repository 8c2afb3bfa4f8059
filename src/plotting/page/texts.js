/** What models write, where it was kept (keep.samples): draws from the prior, reconstructions, interpolations. */

const TEXTS = D.texts.map((each) => ({...each, cell: CELLS[each.cell]}));
const SECTIONS = [
  ["samples", "samples from the prior"], ["reconstructions", "reconstructions"], ["interpolations", "interpolations"]
];

function textList(text, section) {
  const lines = text[section];
  if (section !== "reconstructions")
    return h("ol", {}, lines.map((line) => h(line === "" ? "li.gap" : "li", {}, line)));
  return h(
      "ol.pairs", {},
      d3.range(0, lines.length - 1, 2)
          .map((i) => h("li", {}, h("span.source", {}, lines[i]), h("span", {}, lines[i + 1] || "(nothing)"))));
}

function drawTexts() {
  if (TEXTS.length === 0) return;
  const {section, controls, body} = panel(
      "texts", "Samples",
      "Of one run a row. Reconstructions: a test sentence, then the greedy decoding of its posterior mean.");
  byId("main").append(section);
  watch(["text"], () => redraw(controls, choice("What is shown", SECTIONS, state.text, (text) => set({text}))));
  watch(["hide", "facet", "text"], () => {
    const name = SECTIONS.some(([key]) => key === state.text) ? state.text : "samples";
    const parts = drawnByFacet((row) => TEXTS.find(({cell}) => cell.row === row.index), (row, text) => {
      const head = h("h3", {}, swatch(row), `${row.label}, seed ${text.cell.seed}`);
      return h(`article.card.r${row.index}`, {}, head, textList(text, name));
    });
    body.replaceChildren(...facetBlocks(parts, "div.cards"));
  });
}
