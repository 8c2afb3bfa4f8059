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

const textOf = (row) => TEXTS.find(({cell}) => cell.row === row.index);
const chosenSection = () => SECTIONS.some(([key]) => key === state.text) ? state.text : "samples";
const textHead = (row, text) => `${row.label}, seed ${text.cell.seed}`;

const PEN = document.createElement("canvas").getContext("2d");

/** The words in lines that fit `width`, in the font of charts. */
function wrapped(words, width) {
  PEN.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines[lines.length - 1] && PEN.measureText(longer).width > width)
      lines.push(word);
    else
      lines[lines.length - 1] = longer;
  }
  return lines;
}

/** All that a card has, as a chart. */
function textChart(row, text, section, width) {
  const lines = [];  // [text, class, room above]
  text[section].forEach((given, i) => {
    const isAnswer = section === "reconstructions" && i % 2 === 1;
    const style = section === "reconstructions" && !isAnswer ? "label" : "written";
    wrapped(isAnswer ? given || "(nothing)" : given, width)
        .forEach((line, k) => lines.push([line, style, k === 0 && !isAnswer ? 20 : 14]));
  });
  let y = 26;
  const drawn = lines.map(([line, style, room]) => svg(`text.${style}`, {x: 0, y: y += room}, line));
  return svg(
      "svg.chart", {width, height: y + 8}, svg("g", {transform: "translate(0,3)"}, ...swatch(row).childNodes),
      svg("text.title", {x: 32, y: 13}, textHead(row, text)), drawn);
}

/** The panel as SVG, with all lines of cards that scroll. */
function saveTexts(body) {
  const width = Math.min(340, body.clientWidth), section = chosenSection();
  const charts = drawnWith(textOf).map(([row, text]) => textChart(row, text, section, width));
  if (charts.length === 0) return say("Nothing is drawn");
  const holder = h("div.charts", {}, charts);
  body.append(holder);
  saveFile("texts.svg", "image/svg+xml", panelSvg(holder, []));
  holder.remove();
}

function drawTexts() {
  if (TEXTS.length === 0) return;
  const {section, controls, body} = panel(
      "texts", "Samples",
      "Of one run a row. Reconstructions: a test sentence, then the greedy decoding of its posterior mean.",
      [h("button", {type: "button", "aria-label": "SVG of texts", onclick: () => saveTexts(body)}, "SVG")]);
  byId("main").append(section);
  watch(["text"], () => redraw(controls, choice("What is shown", SECTIONS, state.text, (text) => set({text}))));
  watch(["hide", "facet", "text"], () => {
    const parts = drawnByFacet(
        textOf,
        (row, text) => h(
            `article.card.r${row.index}`, {}, h("h3", {}, swatch(row), textHead(row, text)),
            textList(text, chosenSection())));
    body.replaceChildren(...facetBlocks(parts, "div.cards"));
  });
}
