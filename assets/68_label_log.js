/* From the actions of one plane, or of the whole event, to what is labelled now. The rules are those of
 * records.replay: actions count in the order of the server, undo takes one out by its id, redo puts it
 * back in its place. Actions that the server has not numbered yet come last, in the order they were made. */
(function (A) {
  "use strict";

  const STEPS = 100;
  const UNLABELLED = -1;
  const HISTORY = { undo: true, redo: true };

  A.LabelLane = class {
    /* name: U, V, Y or event; pixels: lit pixels of the plane, 0 for the event. */
    constructor(name, pixels) {
      this.name = name;
      this.pixels = pixels;
      this.numbered = [];      /* actions with their seq, ascending */
      this.waiting = [];       /* without */
      this.known = new Set();
      this.replay();
    }

    /* An action made here. */
    add(action) {
      if (this.known.has(action.id)) { return; }
      this.known.add(action.id);
      this.waiting.push(action);
      if (HISTORY[action.tool]) { this.replay(); return; }
      this._count(action);
      this._apply(action);
    }

    /* Actions of the server, each with its seq; of those made here, that alone. Whether anything changed. */
    take(actions) {
      let same = true;
      actions.forEach(function (action) {
        const last = this.numbered.length ? this.numbered[this.numbered.length - 1].seq : 0;
        const place = this.waiting.findIndex(function (one) { return one.id === action.id; });
        if (place < 0 && (this.known.has(action.id) || !action.tool)) { return; }
        if (place !== 0 || action.seq < last) { same = false; }
        const own = place >= 0 ? this.waiting.splice(place, 1)[0] : null;
        if (own) { own.seq = action.seq; }
        this.known.add(action.id);
        this.numbered.push(own || action);
      }, this);
      if (same) { return false; }
      this.numbered.sort(function (a, b) { return a.seq - b.seq; });
      this.replay();
      return true;
    }

    /* An action that the server refused never was. */
    drop(id) {
      const before = this.waiting.length;
      this.waiting = this.waiting.filter(function (one) { return one.id !== id; });
      if (this.waiting.length !== before) { this.known.delete(id); this.replay(); }
    }

    get undoable() { return this.steps.length ? this.steps[this.steps.length - 1] : null; }
    get redoable() { return this.undone.length ? this.undone[this.undone.length - 1] : null; }

    replay() {
      const ordinary = new Map();
      const out = new Set();
      let undone = [];
      this.numbered.concat(this.waiting).forEach(function (action) {
        if (!HISTORY[action.tool]) { ordinary.set(action.id, action); undone = []; return; }
        const target = action.payload.action;
        if (!ordinary.has(target)) { return; }
        if (action.tool === "undo" && !out.has(target)) {
          out.add(target);
          undone.push(target);
        } else if (action.tool === "redo" && out.has(target)) {
          out.delete(target);
          undone = undone.filter(function (step) { return step !== target; });
        }
      });
      this.classes = this.classes || new Int8Array(this.pixels);
      this.classes.fill(UNLABELLED);
      this.objects = new Map();      /* id -> {tool, payload} */
      this.verdict = null;
      this.michel = null;
      this.comment = "";
      this.steps = [];
      ordinary.forEach(function (action, id) {
        if (out.has(id)) { return; }
        this.steps.push(id);
        this._apply(action);
      }, this);
      this.steps = this.steps.slice(-STEPS);
      this.undone = undone.slice(-STEPS);
    }

    _count(action) {
      this.steps.push(action.id);
      if (this.steps.length > STEPS) { this.steps.shift(); }
      this.undone = [];
    }

    _apply(action) {
      const payload = action.payload;
      switch (action.tool) {
        case "michel":
        case "shower": this.objects.set(payload.object, { tool: action.tool, payload: payload }); break;
        case "remove": this.objects.delete(payload.object); break;
        case "comment": this.comment = payload.text; break;
        case "verdict": this.verdict = payload.verdict; this.michel = payload.michel; break;
        default: this._paint(action);
      }
    }

    _paint(action) {
      const pixels = action.decoded || (action.decoded = A.decodePixels(action.payload.pixels));
      const value = action.tool === "erase" ? UNLABELLED : action.payload["class"];
      for (let i = 0; i < pixels.length; i++) {
        if (action.tool !== "fill" || this.classes[pixels[i]] === UNLABELLED) { this.classes[pixels[i]] = value; }
      }
    }
  };
})(window.argonscope);
