/** Every row's colour in light and dark, marker and dash: those of the figures (src/plotting/style.cpp). */

/** The colour for a dark page: as light as can be read there. */
function darkened(colour) {
  const lch = d3.hcl(colour);
  if (Number.isNaN(lch.c) || lch.c < 5) return d3.hcl(0, 0, 100 - 0.55 * lch.l).hex();
  lch.l = Math.max(lch.l, 64);
  return lch.hex();
}

function addRowColours() {
  const rules = ROWS.map((row, i) => {
    const colour = /^#[0-9a-f]{6}$/i.test(row.colour) ? row.colour : "#000000";
    return `.r${i}{--c:light-dark(${colour},${darkened(colour)})}`;
  });
  document.head.append(h("style", {}, rules.join("\n")));
}

const dashOf = (row) => row.dash === "solid" ? null : row.dash.replace(/[()]/g, "");

/** Outlines of markers in a circle of radius 1; those of gnuplot's point types. */
const SHAPES = {
  1: "M-1,0H1M0,-1V1",
  2: "M-.8,-.8L.8,.8M-.8,.8L.8,-.8",
  4: "M-.85,-.85H.85V.85H-.85Z",
  6: "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
  8: "M0,-1.1L1,.7H-1Z",
  10: "M0,1.1L1,-.7H-1Z",
  12: "M0,-1.2L1.05,0L0,1.2L-1.05,0Z",
  14: "M0,-1.05L1,-.32L.62,.85H-.62L-1,-.32Z"
};
const isOpen = (row) => row.point < 3 || row.point % 2 === 0;

/** A marker of the row at (x, y). */
function marker(row, x, y, radius = 4) {
  const shape = SHAPES[row.point] ?? SHAPES[row.point - 1] ?? SHAPES[6];
  return svg(
      `path.mark.marker.r${row.index}${isOpen(row) ? ".open" : ""}`,
      {d: shape, transform: `translate(${x},${y}) scale(${radius})`, "vector-effect": "non-scaling-stroke"});
}

/** Line and marker of a row as a legend shows them. */
const swatch = (row) =>
    svg("svg.swatch", {viewBox: "0 0 26 12", width: 26, height: 12, "aria-hidden": "true"},
        svg(`line.curve.r${row.index}`, {x1: 1, x2: 25, y1: 6, y2: 6, "stroke-dasharray": dashOf(row)}),
        marker(row, 13, 6, 3.6));

let hot = null;
/** Shows one row (its index; null: none) before all others, in every panel. */
function setHot(row) {
  if (row === hot) return;
  document.querySelectorAll(".hot").forEach((element) => element.classList.remove("hot"));
  hot = row;
  document.body.classList.toggle("has-hot", row !== null);
  if (row !== null) document.querySelectorAll(`.r${row}`).forEach((element) => element.classList.add("hot"));
}

const LABEL_COLOURS =
    ["#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#EE7733", "#222222", "#117733", "#999999"];
/** Of `count` labels, most frequent first: those that have a colour of their own; the others are grey. */
const colouredLabels = (count) => count > LABEL_COLOURS.length ? LABEL_COLOURS.length - 1 : count;
const labelColour = (place, count) => {
  if (place >= colouredLabels(count)) return "light-dark(#c4c9d0,#4a515b)";
  return `light-dark(${LABEL_COLOURS[place]},${darkened(LABEL_COLOURS[place])})`;
};
