/* How the event is looked at: overlay, colour map, range, units, zoom. It lives in the address, so a
 * link shows the same picture; tastes that outlive an event (theme, automatic run) lie in localStorage. */
(function (A) {
  "use strict";

  A.OVERLAYS = ["none", "truth", "class", "score", "uncertainty", "disagreement", "instances", "detections"];
  A.NEEDS_PREDICTION = { "class": true, score: true, uncertainty: true, disagreement: true };
  A.NEEDS_TRUTH = { truth: true, disagreement: true, instances: true };

  const defaults = A.setup.defaults;

  function freshLook() {
    return {
      overlay: "none",
      scoreClass: defaults.score_class,
      measure: "entropy",
      opacity: Object.fromEntries(A.OVERLAYS.concat("labels").map(function (name) { return [name, defaults.opacity]; })),
      thresholds: [0, 0, 0, 0, 0],
      map: preference("map", "viridis"),
      low: defaults.range[0],
      high: defaults.range[1],
      threshold: defaults.threshold,
      units: preference("units", "wire"),
      focus: "all",
      vertex: preference("vertex", false),
      michels: false,
      showers: false,
      manyPixels: false,   /* Michel candidates of ten pixels or more alone */
      hipTracks: false,    /* they may hang on HIP pixels, too */
      boxes: false,        /* of the instances that the detector found */
      trueBoxes: false,
      instanceScore: defaults.instance_score,
      instanceView: "all", /* or "no-cosmics", "neutrino" */
      pin: null,
    };
  }

  /* Preferences. A browser that refuses storage still works, it only forgets. */
  function preference(name, fallback) {
    try {
      const stored = window.localStorage.getItem("argonscope." + name);
      return stored === null ? fallback : JSON.parse(stored);
    } catch (error) {
      return fallback;
    }
  }
  A.preference = preference;

  A.remember = function (name, value) {
    try {
      window.localStorage.setItem("argonscope." + name, JSON.stringify(value));
    } catch (error) {
      A.forgetful = true;
    }
  };

  A.settings = {
    auto: preference("auto", false),
    keepZoom: preference("keepZoom", false),
    panel: preference("panel", true),
    presentation: false,
    hidden: false,
    gain: null,          /* plane -> number where the user changed it, else null */
    adcMin: defaults.adc_min,
    adcMax: defaults.adc_max,
    saturate: defaults.saturate,
    networks: preference("networks", A.setup.segmenter),   /* what Run runs: one of them, or "both" */
    detectorAdcMin: defaults.detector_adc_min,
  };

  A.look = freshLook();
  A.zoom = null;         /* null: the whole event; else {height: cm shown, tick, wires: plane -> wire} */

  const REMEMBERED = { map: true, units: true, vertex: true };

  /* Change some of the look; listeners of "look" learn which keys changed. */
  A.setLook = function (patch) {
    const changed = Object.keys(patch).filter(function (key) {
      return JSON.stringify(A.look[key]) !== JSON.stringify(patch[key]);
    });
    if (!changed.length) { return; }
    changed.forEach(function (key) {
      A.look[key] = patch[key];
      if (REMEMBERED[key]) { A.remember(key, patch[key]); }
    });
    A.emit("look", changed);
    A.writeAddress();
  };

  A.setOption = function (name, value, keep) {
    if (A.settings[name] === value) { return; }
    A.settings[name] = value;
    if (keep) { A.remember(name, value); }
    A.emit("option", name);
  };

  A.setOpacity = function (value) {
    const opacity = Object.assign({}, A.look.opacity);
    opacity[A.look.overlay] = value;
    A.setLook({ opacity: opacity });
  };

  /* ---- the address ------------------------------------------------------------------------ */

  const CANDIDATES = { michel: "michels", shower: "showers", many: "manyPixels", hip: "hipTracks" };

  const BOXES = { found: "boxes", "true": "trueBoxes" };
  const VIEWS = ["all", "no-cosmics", "neutrino"];

  function num(value) { return String(Math.round(value * 1000) / 1000); }

  function describeLook() {
    const look = A.look;
    const query = new URLSearchParams();
    if (look.focus !== "all") { query.set("plane", look.focus); }
    if (look.overlay !== "none") {
      query.set("overlay", look.overlay);
      if (look.opacity[look.overlay] !== defaults.opacity) { query.set("opacity", num(look.opacity[look.overlay])); }
    }
    if (look.overlay === "score") { query.set("score", A.setup.classes[look.scoreClass].toLowerCase()); }
    if (look.overlay === "uncertainty" && look.measure !== "entropy") { query.set("measure", look.measure); }
    if (look.thresholds.some(Boolean)) { query.set("scores", look.thresholds.map(num).join("-")); }
    if (look.map !== "viridis") { query.set("map", look.map); }
    if (look.low !== defaults.range[0] || look.high !== defaults.range[1]) {
      query.set("range", num(look.low) + "-" + num(look.high));
    }
    if (look.threshold !== defaults.threshold) { query.set("threshold", num(look.threshold)); }
    if (look.units !== "wire") { query.set("units", look.units); }
    if (look.vertex) { query.set("vertex", "1"); }
    const candidates = Object.keys(CANDIDATES).filter(function (word) { return look[CANDIDATES[word]]; });
    if (candidates.length) { query.set("candidates", candidates.join("_")); }
    const boxes = Object.keys(BOXES).filter(function (word) { return look[BOXES[word]]; });
    if (boxes.length) { query.set("boxes", boxes.join("_")); }
    if (look.instanceScore !== defaults.instance_score) { query.set("least", num(look.instanceScore)); }
    if (look.instanceView !== "all") { query.set("view", look.instanceView); }
    if (look.pin) { query.set("pin", look.pin.plane + look.pin.wire); }
    if (A.settings.gain) {
      query.set("gain", A.PLANES.filter(function (p) { return A.settings.gain[p]; })
        .map(function (p) { return p + num(A.settings.gain[p]); }).join("_"));
    }
    const region = A.regionText();
    if (region) { query.set("region", region); }
    if (A.zoom) {
      query.set("zoom", num(A.zoom.height));
      query.set("tick", num(A.zoom.tick));
      Object.keys(A.zoom.wires).forEach(function (plane) { query.set(plane.toLowerCase(), num(A.zoom.wires[plane])); });
    }
    return query.toString();
  }

  function numbers(text, count) {
    const values = (text || "").split("-").map(Number);
    return values.length === count && values.every(isFinite) ? values : null;
  }

  function readLook(query) {
    const look = freshLook();
    const overlay = query.get("overlay");
    if (A.OVERLAYS.indexOf(overlay) >= 0) { look.overlay = overlay; }
    const opacity = parseFloat(query.get("opacity"));
    if (opacity >= 0 && opacity <= 1) { look.opacity[look.overlay] = opacity; }
    const names = A.setup.classes.map(function (name) { return name.toLowerCase(); });
    if (names.indexOf(query.get("score")) >= 0) { look.scoreClass = names.indexOf(query.get("score")); }
    if (query.get("measure") === "margin") { look.measure = "margin"; }
    look.thresholds = numbers(query.get("scores"), 5) || look.thresholds;
    if (A.setup.maps.indexOf(query.get("map")) >= 0) { look.map = query.get("map"); }
    const range = numbers(query.get("range"), 2);
    if (range && range[0] < range[1]) { look.low = range[0]; look.high = range[1]; }
    const threshold = parseFloat(query.get("threshold"));
    if (threshold >= 0) { look.threshold = threshold; }
    if (query.get("units") === "cm") { look.units = "cm"; }
    if (query.get("vertex") === "1") { look.vertex = true; }
    (query.get("candidates") || "").split(/[_,]/).forEach(function (word) {
      if (CANDIDATES[word]) { look[CANDIDATES[word]] = true; }
    });
    (query.get("boxes") || "").split(/[_,]/).forEach(function (word) {
      if (BOXES[word]) { look[BOXES[word]] = true; }
    });
    const least = parseFloat(query.get("least"));
    if (least >= 0 && least <= 1) { look.instanceScore = least; }
    if (VIEWS.indexOf(query.get("view")) >= 0) { look.instanceView = query.get("view"); }
    if (A.PLANES.indexOf(query.get("plane")) >= 0) { look.focus = query.get("plane"); }
    const pin = /^([UVY])(\d+)$/.exec(query.get("pin") || "");
    if (pin) { look.pin = { plane: pin[1], wire: Number(pin[2]) }; }
    return look;
  }

  function readZoom(query) {
    const height = parseFloat(query.get("zoom"));
    const tick = parseFloat(query.get("tick"));
    if (!(height > 0) || !isFinite(tick)) { return null; }
    const wires = {};
    A.PLANES.forEach(function (plane) {
      const wire = parseFloat(query.get(plane.toLowerCase()));
      if (isFinite(wire)) { wires[plane] = wire; }
    });
    return { height: height, tick: tick, wires: wires };
  }

  function readGain(query) {
    const gain = {};
    (query.get("gain") || "").split("_").forEach(function (part) {
      const value = parseFloat(part.slice(1));
      if (A.PLANES.indexOf(part[0]) >= 0 && value > 0 && value <= A.setup.defaults.gain_most) { gain[part[0]] = value; }
    });
    return Object.keys(gain).length ? gain : null;
  }

  /* {page: "event", file, entry} | {page: "study", name} | {page: "first"} | {page: "unknown", path}. */
  A.readAddress = function () {
    const path = window.location.pathname;
    const rest = path.indexOf(A.base) === 0 ? path.slice(A.base.length) : path.slice(1);
    if (rest === "" || rest === "event" || rest === "event/") { return { page: "first" }; }
    const study = /^study\/([^/]+)\/?$/.exec(rest);
    const match = /^event\/([^/]+)(?:\/(\d+))?\/?$/.exec(rest);
    if (!match && !study) { return { page: "unknown", path: path }; }
    try {
      if (study) { return { page: "study", name: decodeURIComponent(study[1]) }; }
      return { page: "event", file: decodeURIComponent(match[1]), entry: Number(match[2] || 0) };
    } catch (error) {
      return { page: "unknown", path: path };   /* a lone % */
    }
  };

  A.readQuery = function () {
    const query = new URLSearchParams(window.location.search);
    A.look = readLook(query);
    A.zoom = readZoom(query);
    A.settings.gain = readGain(query);
    A.emit("look", Object.keys(A.look));
    A.emit("option", "gain");
  };

  A.addressOf = function (file, entry) {
    const query = describeLook();
    return A.base + "event/" + encodeURIComponent(file) + "/" + entry + (query ? "?" + query : "");
  };

  /* Put the look into the address; browsers limit how often, so wait for a pause. */
  let timer = null;
  A.writeAddress = function () {
    clearTimeout(timer);
    timer = setTimeout(A.writeAddressNow, 250);
  };

  A.writeAddressNow = function () {
    clearTimeout(timer);
    if (!A.event || !A.event.file) { return; }
    window.history.replaceState(null, "", A.addressOf(A.event.file, A.event.entry));
  };
})(window.argonscope);
