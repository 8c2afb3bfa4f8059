/** A metric of every dimension, sorted within each run (dimensions have no identity across seeds), by epoch. */

const MOST_STRIPS = 80;
const chosenDimensions = () => D.dimensions[state.dims] ? state.dims :
    D.dimensions.kl_dim                                 ? "kl_dim" :
                                                          Object.keys(D.dimensions)[0];

/** Values of a cell at the moment chosen, largest first. */
function dimensionsOf(cell, found, moment) {
  const {dimensions: d, epochs} = found;
  const place = moment === "last" ? -1 : epochs.indexOf(moment);
  const numbers = numbersOf(place < 0 ? found.last : found.by_epoch);
  const from = place < 0 ? cell.index * d : (cell.index * epochs.length + place) * d;
  return [...numbers.subarray(from, from + d)].filter(Number.isFinite).sort((a, b) => b - a);
}

function meanStrip(cells, found, moment) {
  const all = cells.map((cell) => dimensionsOf(cell, found, moment)).filter((values) => values.length > 0);
  if (all.length === 0) return [];
  return d3.range(Math.max(...all.map((values) => values.length)))
      .map((j) => meanOf(all.map((values) => values[j] ?? 0)));
}

/** [{row, label, values}]: a strip a row, or a run where seeds are shown. */
function strips(rows, found, moment) {
  const of = (row, cells, label) => ({row, label, values: meanStrip(cells, found, moment)});
  const each = state.show === "seeds" ?
      rows.flatMap((row) => row.cells.map((cell) => of(row, [cell], `${row.label}, seed ${cell.seed}`))) :
      rows.map((row) => of(row, row.cells, row.label));
  return each.filter((strip) => strip.values.length > 0);
}

/** Colours from none to the largest value, light and dark; base.css has the ends. */
const SHADES = d3.range(101).map((i) => {
  const [light, dark] =
      [["#f1f5fa", "#08306b"], ["#20252d", "#8cc4ff"]].map((ends) => d3.interpolateRgb(...ends)(i / 100));
  return `light-dark(${light},${dark})`;
});
const shade = (share) => SHADES[Math.round(100 * Math.min(1, share))];

const LETTER = 6.4;  // width of one in a label

/** One strip: its label, a rectangle a dimension. */
function heatStrip(strip, y, line, label, scale, largest) {
  const letters = Math.floor(label / LETTER);
  const text = strip.label.length > letters ? `${strip.label.slice(0, letters - 1)}…` : strip.label;
  const width = Math.max(0.5, scale - (scale > 6 ? 1 : 0));
  const box = (value, j) => svg(
      "rect",
      {x: label + j * scale, y: y + 1, width, height: line - 2, style: {fill: shade(Math.max(0, value / largest))}});
  return [
    svg("g.axis", {}, svg("text", {x: label - 8, y: y + line / 2, dy: "0.35em", "text-anchor": "end"}, text)),
    svg(`g.mark.strip.r${strip.row.index}`, {}, strip.values.map(box))
  ];
}

/** Numbers of the dimensions, as many as there is room for. */
function heatAxis(dimensions, label, scale, y) {
  const step = Math.max(1, Math.ceil(24 / scale));
  return svg(
      "g.axis", {},
      d3.range(0, dimensions, step)
          .map((j) => svg("text", {x: label + (j + 0.5) * scale, y, "text-anchor": "middle"}, String(j + 1))));
}

function heatChart(title, shown, found, largest, width, units) {
  const label = Math.min(0.36 * width, 14 + LETTER * Math.max(...shown.map((strip) => strip.label.length)));
  const line = shown.length > 30 ? 14 : 20, top = title ? 24 : 6, bottom = top + line * shown.length;
  const scale = (width - label - 10) / found.dimensions, height = bottom + 34;
  const name = `${metricTitle(chosenDimensions())} of ${found.dimensions} dimensions by row`;
  const root = svg(
      "svg.chart", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", tabindex: "0", "aria-label": name},
      title && svg("text.title", {x: 2, y: 13}, title),
      shown.flatMap((strip, i) => heatStrip(strip, top + i * line, line, label, scale, largest)),
      heatAxis(found.dimensions, label, scale, bottom + 14),
      svg("text.label", {x: width - 10, y: bottom + 29, "text-anchor": "end"}, "dimension, sorted within each run"));
  root.addEventListener("pointermove", (event) => {
    const [x, y] = pointIn(root, event), strip = shown[Math.floor((y - top) / line)];
    const j = Math.floor((x - label) / scale);
    if (!strip || j < 0 || j >= strip.values.length) return hideTip();
    const lines = [[`dimension ${j + 1}`, `${short(strip.values[j])} ${units}`], ["sum", short(d3.sum(strip.values))]];
    showTip(tipTable(strip.label, lines), event.clientX, event.clientY);
  });
  root.addEventListener("pointerleave", hideTip);
  return root;
}

/** White to dark, with its ends' numbers. */
function heatKey(largest, units) {
  return h(
      "div.heat-key", {}, h("span", {}, "0"), h("span.ramp", {"aria-hidden": "true"}),
      h("span", {}, `${short(largest)} ${units}`));
}

function momentSlider(found) {
  if (!found.epochs) return null;
  const moments = [...found.epochs, "last"], place = moments.findIndex((moment) => String(moment) === state.moment);
  const at = place < 0 ? moments.length - 1 : place;
  const text = (moment) => moment === "last" ? `end, ${found.split}` : `epoch ${moment}, valid`;
  const output = h("output", {}, text(moments[at]));
  return h(
      "label.slider", {}, h("span", {}, "Epoch"), h("input", {
        type: "range",
        min: 0,
        max: moments.length - 1,
        value: at,
        "aria-valuetext": text(moments[at]),
        oninput: (event) => {
          const moment = moments[event.target.value];
          output.textContent = text(moment);
          event.target.setAttribute("aria-valuetext", text(moment));
          set({moment: String(moment)});
        }
      }),
      output);
}

/** The largest value at any moment, so that colours mean the same at all of them. */
function largestOf(found, rows) {
  const moments = [...(found.epochs ?? []), "last"];
  const largest =
      Math.max(...moments.flatMap((moment) => strips(rows, found, moment).flatMap(({values}) => values[0])), 0);
  return largest > 0 ? largest : 1;
}

/** What `figures:` has for the panel. */
const dimensionsEntry = () => [
    ["name", `${chosenDimensions()}_by_dimension`], ["kind", "heatmap"], ["metric", chosenDimensions()],
    ["split", D.dimensions[chosenDimensions()].split]];

function heatCharts(width) {
  const name = chosenDimensions(), found = D.dimensions[name], rows = drawnRows();
  const units = metricInfo(name).units.replace(/ per .*/, "");
  const moment = found.epochs?.find((epoch) => String(epoch) === state.moment) ?? "last";
  const largest = largestOf(found, rows);
  const all = facets(rows).map((facet) => ({title: facet.title, shown: strips(facet.rows, found, moment)}));
  const parts = all.filter(({shown}) => shown.length > 0);
  const each = parts.length === 1 ? width : chartWidth(width, 340, parts.length);
  const cut = parts.filter(({shown}) => shown.length > MOST_STRIPS);
  const drawn =
      parts.map(({title, shown}) => heatChart(title, shown.slice(0, MOST_STRIPS), found, largest, each, units));
  return [
    h("div.charts", {}, drawn), heatKey(largest, units),
    ...cut.map(
        ({shown}) => h("p.caption", {}, `The first ${MOST_STRIPS} of ${shown.length} are drawn; hide some rows.`))
  ];
}

function drawHeatmap() {
  const names = Object.keys(D.dimensions);
  if (names.length === 0) return;
  const holder = {};
  const tools = saveTools("dimensions", () => holder.body, () => [dimensionsEntry()], () => []);
  const {section, controls, body, caption} = panel("dimensions", "Dimensions", "", tools);
  holder.body = body;
  byId("main").append(section);
  const metricMenu = () =>
      menu("Metric", names.map((name) => [name, name]), chosenDimensions(), (dims) => set({dims, moment: "last"}));
  watch(["dims"], () => {
    caption.textContent = `${metricTitle(chosenDimensions())}, largest first within each run, mean over seeds.`;
    const slider = momentSlider(D.dimensions[chosenDimensions()]);
    controls.replaceChildren(...[names.length > 1 && metricMenu(), slider].filter(Boolean));
  });
  onWidth(body, ["hide", "facet", "show", "dims", "moment"], (width) => body.replaceChildren(...heatCharts(width)));
}
