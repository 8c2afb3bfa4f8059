/** What models write, where it was kept (keep.samples): draws from the prior, reconstructions, interpolations. */

const TEXTS = D.texts.map((each) => ({...each, cell: CELLS[each.cell]}));
const SECTIONS = [
  ["samples", "samples from the prior"], ["reconstructions", "reconstructions"], ["interpolations", "interpolations"]
];

function textList(text, section) {
  const lines = text[section];
  if (section !== "reconstructions") return h("ol", {}, lines.map((line) => h("li", {}, line)));
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
  watch(["hide", "text"], () => {
    const name = SECTIONS.some(([key]) => key === state.text) ? state.text : "samples";
    const shown = drawnWith((row) => TEXTS.find(({cell}) => cell.row === row.index));
    body.replaceChildren(
        h("div.cards", {},
          shown.map(
              ([row, text]) =>
                  h(`article.card.r${row.index}`, {}, h("h3", {}, swatch(row), `${row.label}, seed ${text.cell.seed}`),
                    textList(text, name)))));
  });
}
