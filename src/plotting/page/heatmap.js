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

function heatChart(title, shown, found, largest, width, units) {
  const label = Math.min(0.36 * width, 14 + 6.4 * Math.max(...shown.map((strip) => strip.label.length)));
  const line = shown.length > 30 ? 14 : 20, top = title ? 24 : 6, height = top + line * shown.length + 34;
  const scale = (width - label - 10) / found.dimensions, gap = scale > 6 ? 1 : 0;
  const root = svg("svg.chart", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    tabindex: "0",
    "aria-label": `${metricTitle(chosenDimensions())} of ${found.dimensions} dimensions by row`
  });
  if (title) root.append(svg("text.title", {x: 2, y: 13}, title));
  shown.forEach((strip, i) => {
    const y = top + i * line;
    const clip =
        strip.label.length * 6.4 > label ? `${strip.label.slice(0, Math.floor(label / 6.4) - 1)}…` : strip.label;
    root.append(
        svg("g.axis", {}, svg("text", {x: label - 8, y: y + line / 2, dy: "0.35em", "text-anchor": "end"}, clip)),
        svg(`g.mark.strip.r${strip.row.index}`, {"data-place": i},
            strip.values.map((value, j) => svg("rect", {
                               x: label + j * scale,
                               y: y + 1,
                               width: Math.max(0.5, scale - gap),
                               height: line - 2,
                               style: {fill: shade(Math.max(0, value / largest))}
                             }))));
  });
  const step = Math.max(1, Math.ceil(24 / scale)), bottom = top + line * shown.length + 14;
  root.append(
      svg("g.axis", {},
          d3.range(0, found.dimensions, step)
              .map(
                  (j) =>
                      svg("text", {x: label + (j + 0.5) * scale, y: bottom, "text-anchor": "middle"}, String(j + 1)))),
      svg("text.label", {x: width - 10, y: bottom + 15, "text-anchor": "end"}, "dimension, sorted within each run"));
  root.addEventListener("pointermove", (event) => {
    const [x, y] = pointIn(root, event), strip = shown[Math.floor((y - top) / line)],
              j = Math.floor((x - label) / scale);
    if (!strip || j < 0 || j >= strip.values.length) return hideTip();
    showTip(
        tipTable(
            strip.label,
            [[`dimension ${j + 1}`, `${short(strip.values[j])} ${units}`], ["sum", short(d3.sum(strip.values))]]),
        event.clientX, event.clientY);
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

function drawHeatmap() {
  const names = Object.keys(D.dimensions);
  if (names.length === 0) return;
  const holder = {};
  const {section, controls, body, caption} = panel(
      "dimensions", "Dimensions", "",
      saveTools(
          "dimensions", () => holder.body,
          () => [[
            ["name", `${chosenDimensions()}_by_dimension`], ["kind", "heatmap"], ["metric", chosenDimensions()],
            ["split", D.dimensions[chosenDimensions()].split]
          ]],
          () => []));
  holder.body = body;
  byId("main").append(section);
  watch(["dims"], () => {
    const found = D.dimensions[chosenDimensions()];
    caption.textContent = `${metricTitle(chosenDimensions())}, largest first within each run, mean over seeds.`;
    controls.replaceChildren(...[names.length > 1 &&
                                     menu(
                                         "Metric", names.map((name) => [name, name]), chosenDimensions(),
                                         (dims) => set({dims, moment: "last"})),
                                 momentSlider(found)]
                                 .filter(Boolean));
  });
  onWidth(body, ["hide", "facet", "show", "dims", "moment"], (width) => {
    const found = D.dimensions[chosenDimensions()], rows = drawnRows(),
          units = metricInfo(chosenDimensions()).units.replace(/ per .*/, "");
    const moment = found.epochs?.find((epoch) => String(epoch) === state.moment) ?? "last",
          largest = largestOf(found, rows);
    const parts = facets(rows)
                      .map((facet) => ({title: facet.title, shown: strips(facet.rows, found, moment)}))
                      .filter(({shown}) => shown.length > 0);
    const each = parts.length === 1 ? width : chartWidth(width, 340, parts.length);
    body.replaceChildren(
        h("div.charts", {},
          parts.map(({title, shown}) => heatChart(title, shown.slice(0, MOST_STRIPS), found, largest, each, units))),
        heatKey(largest, units),
        ...parts.filter(({shown}) => shown.length > MOST_STRIPS)
            .map(
                ({shown}) =>
                    h("p.caption", {},
                      `The first ${MOST_STRIPS} of ${shown.length} are drawn; hide some to see others.`)));
  });
}
