/** Pictures of models of images: examples, reconstructions, draws from the prior, interpolations. */

const PICTURES = D.pictures.map((each) => ({...each, cell: CELLS[each.cell]}));

function pictureChart(row, {cell, rows, width: w, height: high, png}, width) {
  const names = rows === 2 ? ["data", "drawn"] : ["data", "rec.", "prior", "between", ""], left = 54;
  const scale = (width - left) / w, height = 24 + scale * high;
  return svg(
      "svg.chart", {
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        role: "img",
        tabindex: "0",
        "aria-label": `Pictures of ${row.label}, rows from above: ${names.filter(Boolean).join(", ")}`
      },
      svg("text.title", {x: 2, y: 13}, `${row.label}, seed ${cell.seed}`),
      svg("g.axis", {},
          names.map(
              (name, i) => svg(
                  "text", {x: left - 6, y: 24 + scale * high * (i + 0.5) / rows, dy: "0.35em", "text-anchor": "end"},
                  name))),
      svg("image.pixels",
          {href: `data:image/png;base64,${png}`, x: left, y: 24, width: scale * w, height: scale * high}));
}

function drawPictures() {
  if (PICTURES.length === 0) return;
  const holder = {};
  const {section, body} = panel(
      "pictures", "Pictures",
      "Test examples; reconstructions at the posterior mean; draws from the prior; ways between two posterior means.",
      saveTools(
          "pictures", () => holder.body, () => [[["name", "images"], ["kind", "images"], ["split", "test"]]],
          () => []));
  holder.body = body;
  byId("main").append(section);
  onWidth(body, ["hide", "facet"], (width) => {
    const find = (row) => PICTURES.find(({cell}) => cell.row === row.index);
    const each = chartWidth(width, 300, drawnWith(find).length);
    const parts = drawnByFacet(find, (row, picture) => pictureChart(row, picture, each));
    body.replaceChildren(...facetBlocks(parts, "div.charts"));
  });
}
