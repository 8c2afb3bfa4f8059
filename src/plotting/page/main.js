/** Draws the panels one after the other, so that the first are there at once. */

const atWidth = [];  // {body, draw, drawn}

const PRINTED_WIDTH = 960;  // of a landscape page
let printing = false;

/** draw(width) when a state of `keys` changes, and when the width does. */
function onWidth(body, keys, draw) {
  const each = {
    body,
    drawn: 0,
    draw: () => {
      each.drawn = printing ? PRINTED_WIDTH : Math.max(280, body.clientWidth);
      draw(each.drawn);
    }
  };
  atWidth.push(each);
  watch(keys, each.draw);
}

function drawAtNewWidth() {
  atWidth.filter((each) => printing || Math.max(280, each.body.clientWidth) !== each.drawn)
      .forEach((each) => each.draw());
}

function print(begins) {
  printing = begins;
  byId("failures")?.toggleAttribute("open", begins);
  drawAtNewWidth();
}

function drawInTurn(parts) {
  if (parts.length === 0) {
    performance.mark("drawn");
    document.body.dataset.drawn = "all";
    return;
  }
  parts[0]();
  setTimeout(() => drawInTurn(parts.slice(1)));
}

addRowColours();
readHash();
applyTheme();
drawHeader();
drawSelection();
addEventListener("resize", drawAtNewWidth);
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
addEventListener("hashchange", () => {
  readHash();
  drawFor(Object.keys(STARTS));
});
drawInTurn([drawTable, drawCurves, drawRate, drawHeatmap, drawLatents, drawPictures, drawTexts, drawCells, drawDrawer]);
