/** What the study asks and is made of; failures with the ends of their logs. */

function failureList(failures) {
  if (failures.length === 0) return null;
  const one = ({id, label, state, reason, log}) =>
      h("li", {}, h("span.state", {}, state), h("code", {}, id), label && h("span", {}, ` ${label}`),
        reason && h("p", {}, reason),
        log.length > 0 && h("pre", {tabindex: "0", "aria-label": `End of the log of ${id}`}, log.join("\n")));
  return h(
      "details.failures", {id: "failures"},
      h("summary", {}, `${failures.length} cell${failures.length === 1 ? "" : "s"} without numbers`),
      h("ul", {}, failures.map(one)));
}

function drawHeader() {
  const {name, question, yaml, facts, notes, failures, made_by: madeBy, source} = D.study;
  byId("header").append(
      ...[h("p.kicker", {}, "klbench report"), h("h1", {}, name), question && h("p.question", {}, question),
          h("dl.facts", {}, facts.map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", {}, value)))),
          notes.length > 0 && h("ul.notes", {}, notes.map((note) => h("li", {}, note))),
          h("div.folds", {}, failureList(failures),
            h("details", {id: "yaml"}, h("summary", {}, "The study's YAML"), h("pre", {tabindex: "0"}, yaml)))]
          .filter(Boolean));
  const limits = D.limits.length > 0 &&
      h("div", {id: "limits"}, h("p", {}, "Left out, to keep this file small:"),
        h("ul", {}, D.limits.map((limit) => h("li", {}, limit))));
  byId("footer").append(h("div", {}, limits, h("p", {}, `Written by ${madeBy} from ${source}. Charts: D3.`)));
}
