/** One tooltip, beside the pointer or the element in focus. */

function showTip(content, x, y) {
  const tip = byId("tip");
  tip.replaceChildren(...[content].flat());
  tip.hidden = false;
  const {width, height} = tip.getBoundingClientRect();
  const left = x + 16 + width < innerWidth ? x + 16 : Math.max(4, x - 16 - width);
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${Math.min(Math.max(4, y + 14), Math.max(4, innerHeight - height - 4)) + scrollY}px`;
}

const hideTip = () => (byId("tip").hidden = true);

/** At the lower end of an element. */
function showTipAt(element, content) {
  const box = element.getBoundingClientRect();
  showTip(content, box.left, box.bottom - 8);
}

/** A tooltip's lines of [name, value], under a title. */
const tipTable =
    (title,
     lines) => [h("b", {}, title), h("dl", {}, lines.flatMap(([name,
                                                               value]) => [h("dt", {}, name), h("dd", {}, value)]))];
