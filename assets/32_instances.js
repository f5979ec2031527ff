/* Instances of one plane: interactions that a detector found, or those of the truth. Masks may overlap. */
(function (A) {
  "use strict";

  /* list: [{kind: "neutrino", score or null, box: [row low, wire low, row high, wire high] as edges, pixels:
   * ascending indices}], the best score first; those without a name get one. */
  A.Instances = class {
    constructor(plane, header, list) {
      this.header = header;
      this.count = plane.count;
      this.list = list;
      this.cached = {};
      let neutrinos = 0;
      list.forEach(function (one, i) {
        one.id = i;
        one.plane = plane.name;
        one.name = one.name || plane.name + (i + 1);
        one.place = one.kind === "neutrino" ? neutrinos++ : i - neutrinos;   /* among those of its colours */
        one.adc = one.pixels.reduce(function (sum, pixel) { return sum + plane.adc[pixel]; }, 0);
      });
    }

    /* Those of at least a score; all of them where they have none. */
    from(least) { return this.list.filter(function (one) { return one.score === null || one.score >= least; }); }

    /* Int16Array (N): which instance gives a pixel its colour: the best that holds it; -1 for none. */
    owners(least) {
      return this._kept("owners", least, function (shown) {
        const owners = new Int16Array(this.count).fill(-1);
        shown.slice().reverse().forEach(function (one) {
          one.pixels.forEach(function (pixel) { owners[pixel] = one.id; });
        });
        return owners;
      });
    }

    /* Uint8Array (N): 1 where a view leaves a pixel out. "no-cosmics" leaves out what is called cosmic,
     * "neutrino" all that is not called neutrino; what a neutrino's mask holds stays in both. */
    removed(view, least) {
      return this._kept(view, least, function (shown) {
        const removed = new Uint8Array(this.count).fill(view === "neutrino" ? 1 : 0);
        const put = function (kind, value) {
          shown.filter(function (one) { return one.kind === kind; }).forEach(function (one) {
            one.pixels.forEach(function (pixel) { removed[pixel] = value; });
          });
        };
        put("cosmic", 1);
        put("neutrino", 0);
        return removed;
      });
    }

    /* Uint8Array (N): 1 outside one instance. */
    outside(one) {
      return this._kept("outside " + one.id, 0, function () {
        const outside = new Uint8Array(this.count).fill(1);
        one.pixels.forEach(function (pixel) { outside[pixel] = 0; });
        return outside;
      });
    }

    /* Made once as long as the same instances are shown. */
    _kept(name, least, make) {
      const shown = this.from(least);
      const kept = this.cached[name];
      if (!kept || kept.shown !== shown.length) {
        this.cached[name] = { shown: shown.length, value: make.call(this, shown) };
      }
      return this.cached[name].value;
    }
  };

  /* Whether a pixel belongs to an instance's mask. */
  A.holdsPixel = function (one, pixel) {
    const pixels = one.pixels;
    let low = 0;
    let high = pixels.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (pixels[middle] === pixel) { return true; }
      if (pixels[middle] < pixel) { low = middle + 1; } else { high = middle - 1; }
    }
    return false;
  };

  /* From the columns of an answer. */
  A.foundInstances = function (plane, header, columns) {
    const list = Array.from(columns.classes, function (kind, i) {
      return {
        kind: A.setup.instance_classes[kind],
        score: columns.scores[i],
        box: Array.from(columns.boxes.subarray(4 * i, 4 * i + 4)),
        pixels: columns.pixels.subarray(columns.offsets[i], columns.offsets[i + 1]),
      };
    });
    return new A.Instances(plane, header, list);
  };

  /* Those of the truth that have pixels on a plane; null where the file knows none. */
  A.trueInstances = function (plane) {
    const truth = A.event.header.truth;
    if (!plane.instances || !truth) { return null; }
    if (!plane.trueInstances) {
      const pixels = truth.interactions.map(function () { return []; });
      plane.instances.forEach(function (place, pixel) { if (place >= 0) { pixels[place].push(pixel); } });
      const list = [];
      truth.interactions.forEach(function (interaction, i) {
        if (!pixels[i].length) { return; }
        const one = {
          kind: interaction["class"], name: String(interaction.id), score: null, pixels: Uint32Array.from(pixels[i]), truth: i,
        };
        one.box = boxAround(plane, one.pixels);
        list.push(one);
      });
      plane.trueInstances = new A.Instances(plane, null, list);
    }
    return plane.trueInstances;
  };

  function boxAround(plane, pixels) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    pixels.forEach(function (pixel) {
      box[0] = Math.min(box[0], plane.rows[pixel]);
      box[1] = Math.min(box[1], plane.wires[pixel]);
      box[2] = Math.max(box[2], plane.rows[pixel] + 1);
      box[3] = Math.max(box[3], plane.wires[pixel] + 1);
    });
    return box;
  }

  /* One colour for box, mask and list. Neutrinos have colours of their own. */
  A.instanceColour = function (one, colours) {
    if (one.truth !== undefined) { return A.interactionColours(colours)[one.truth]; }
    const table = one.kind === "neutrino" ? colours.foundNeutrinos : colours.found;
    return table[one.place % table.length];
  };
})(window.argonscope);
