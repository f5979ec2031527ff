/* The section of the panel: this event's candidates, or why there are none; and the line of the
 * inspector that tells the candidate under the mouse. */
(function (A) {
  "use strict";

  const KINDS = { michel: "Michel", shower: "showers" };

  function planes() { return A.event && A.event.planes ? Object.values(A.event.planes) : []; }

  /* Candidates in the list: Michels always, showers where they were asked for. */
  function listed() {
    const all = [];
    planes().forEach(function (plane) {
      (A.candidatesOf(plane) || []).forEach(function (one) {
        if (A.passesCut(one) && (one.kind === "michel" || A.look.showers)) { all.push(one); }
      });
    });
    return all;
  }

  /* One sentence in place of, or above, the list. */
  function note(list) {
    if (!planes().length) { return ""; }
    if (A.candidateProblem) { return A.candidateProblem; }
    if (!planes().some(function (plane) { return plane.whole; })) {
      return A.segmenterBusy() ? "The network is at work." : "Candidates are found in a prediction; there is none of this event yet.";
    }
    if (planes().every(function (plane) { return !A.candidatesOf(plane); })) { return "Looking for candidates."; }
    const words = [truthWords()];
    if (!list.length) {
      words.unshift(A.look.showers ? "No candidate in this event." : "No Michel candidate in this event.");
    }
    if (A.look.thresholds.some(Boolean)) {
      words.push("Candidates go by the best score of each pixel; the least scores set above do not count here.");
    }
    return words.filter(Boolean).join("\n");
  }

  function truthWords() {
    const counts = planes().filter(function (plane) { return A.candidateTruth(plane); }).map(function (plane) {
      const found = A.candidatesOf(plane).filter(function (one) { return one.matched && A.passesCut(one); });
      return plane.name + "\u00a0" + found.length + "/" + A.candidateTruth(plane).length;
    });
    return counts.length ? "True found: " + counts.join(" · ") : "";
  }

  function render() {
    const node = A.byId("candidate-list");
    const section = A.byId("candidates");
    if (!node || !section.open) { return; }
    const list = listed();
    A.setText("candidates-note", note(list));
    A.byId("candidates-note").title = truthWords() && "true Michels that a candidate matches, of those with a pixel that the network read";
    A.byId("candidates-run").hidden = A.segmenterBusy() || planes().every(function (plane) { return plane.whole; });
    if (!sameList(node, list)) { node.replaceChildren.apply(node, list.length ? [table(list)] : []); }
    node.querySelectorAll(".candidate-row").forEach(mark);
  }

  /* A list that stays keeps its focus and what is pointed at. */
  function sameList(node, list) {
    const rows = Array.from(node.querySelectorAll(".candidate-row"));
    return rows.length === list.length && rows.every(function (row, i) { return row.candidate === list[i]; });
  }

  function table(list) {
    const made = A.element("table", "candidate-rows");
    const truth = planes().some(function (plane) { return A.candidateTruth(plane); });
    const groups = Object.keys(KINDS).filter(function (kind) {
      return list.some(function (one) { return one.kind === kind; });
    });
    groups.forEach(function (kind) {
      const withTruth = truth && kind === "michel";
      made.appendChild(heading(A.look.showers ? KINDS[kind] : "", withTruth));
      const body = made.appendChild(A.element("tbody"));
      list.filter(function (one) { return one.kind === kind; }).forEach(function (one) {
        body.appendChild(line(one, withTruth));
      });
    });
    return made;
  }

  function heading(title, withTruth) {
    const head = A.element("thead");
    if (title) { head.appendChild(A.element("tr")).appendChild(A.element("th", "candidate-kind", title)).colSpan = 7; }
    const row = head.appendChild(A.element("tr"));
    ["", "wire", "tick", "px", "ADC", "MeV", withTruth ? "true" : ""].forEach(function (word) {
      row.appendChild(A.element("th", "", word));
    });
    row.children[3].title = "number of pixels";
    row.children[4].title = "sum of ADC × gain";
    if (withTruth) { row.lastChild.title = "MeV of the true Michel electron that it matches; × where it matches none; ? where truth does not know these pixels"; }
    return head;
  }

  function line(one, withTruth) {
    const row = A.element("tr", "candidate-row");
    row.candidate = one;
    row.tabIndex = 0;
    row.setAttribute("role", "button");
    row.title = "Click to zoom to it.";
    [one.plane, one.place.wire, one.place.tick, A.number(one.pixels.length), A.number(one.charge_adc),
      A.number(one.energy_mev, 1), withTruth ? trueWords(one) : ""].forEach(function (word) {
      row.appendChild(A.element("td", "", String(word)));
    });
    row.addEventListener("click", function () { A.showCandidate(one); });
    row.addEventListener("keydown", function (event) { if (event.key === "Enter") { A.showCandidate(one); } });
    ["mouseenter", "focus"].forEach(function (type) {
      row.addEventListener(type, function () { A.pointAtCandidate(one); });
    });
    ["mouseleave", "blur"].forEach(function (type) {
      row.addEventListener(type, function () { A.pointAtCandidate(null); });
    });
    return row;
  }

  function trueWords(one) {
    return one.matched ? A.number(one.true_energy_mev, 1) : one.matched === null ? "?" : "×";
  }

  function mark(row) {
    row.classList.toggle("pointed", A.sameCandidate(row.candidate, A.pointedCandidate));
    row.classList.toggle("chosen", A.sameCandidate(row.candidate, A.chosenCandidate));
  }

  /* ---- under the mouse ---------------------------------------------------------------------------- */

  let slot = null;

  function inspectorLine() {
    const facts = document.querySelector("#inspector .facts");
    if (!facts) { return null; }
    if (!slot) {
      slot = { name: A.element("dt", "", "candidate"), value: A.element("dd", "", "–") };
      slot.value.id = "inspect-candidate";
    }
    if (slot.name.parentNode !== facts) { facts.append(slot.name, slot.value); }
    return slot;
  }

  function inspect() {
    const own = inspectorLine();
    if (!own) { return; }
    const off = !A.look.michels && !A.look.showers;
    own.name.hidden = off;
    own.value.hidden = off;
    const text = A.pointedCandidate ? A.candidateWords(A.pointedCandidate) : "–";
    if (own.value.textContent !== text) { own.value.textContent = text; }
    own.value.title = A.pointedCandidate ? text.replace("\n", "  ·  ") : "";
  }

  A.on("candidate-pointed", function () {
    inspect();
    document.querySelectorAll(".candidate-row").forEach(mark);
  });

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; render(); inspect(); });
  }
  ["event", "prediction", "candidates", "jobs", "look"].forEach(function (topic) { A.on(topic, later); });
})(window.argonscope);
