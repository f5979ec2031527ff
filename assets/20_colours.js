/* Colours: lookup tables of 256 packed pixels for charge, grey and scores; class colours by theme.
 * A packed colour is 0xAABBGGRR, the byte order of canvas image data on little-endian machines. */
(function (A) {
  "use strict";

  A.pack = function (r, g, b) {
    return ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
  };

  A.packHex = function (hex) {
    const value = parseInt(hex.slice(1), 16);
    return A.pack((value >> 16) & 255, (value >> 8) & 255, value & 255);
  };

  A.mix = function (a, b, share) {
    const keep = 1 - share;
    return A.pack(
      (a & 255) * keep + (b & 255) * share,
      ((a >> 8) & 255) * keep + ((b >> 8) & 255) * share,
      ((a >> 16) & 255) * keep + ((b >> 16) & 255) * share
    );
  };

  A.css = function (packed) {
    return "rgb(" + (packed & 255) + "," + ((packed >> 8) & 255) + "," + ((packed >> 16) & 255) + ")";
  };

  /* Colours between evenly spaced stops -> Uint32Array(256). */
  function ramp(stops) {
    const colours = stops.map(A.packHex);
    const lut = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      const place = (i / 255) * (colours.length - 1);
      const left = Math.min(Math.floor(place), colours.length - 2);
      lut[i] = A.mix(colours[left], colours[left + 1], place - left);
    }
    return lut;
  }

  A.theme = function () {
    return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";
  };

  A.setTheme = function (theme) {
    const root = document.documentElement;
    root.setAttribute("data-mantine-color-scheme", theme);
    root.setAttribute("data-ag-theme-mode", theme);
    try {
      window.localStorage.setItem("mantine-color-scheme-value", theme);
    } catch (error) {
      A.forgetful = true;
    }
  };

  /* Everything that depends on the theme alone; made at most once a theme. */
  const made = {};
  A.colours = function (name) {
    const theme = name || A.theme();
    if (!made[theme]) {
      const table = A.setup.themes[theme];
      made[theme] = {
        maps: Object.fromEntries(Object.keys(table.maps).map(function (key) {
          return [key, ramp(table.maps[key])];
        })),
        grey: ramp(table.charge_under_overlay),
        faint: ramp(table.charge_under_overlay).map(function (grey) { return A.mix(grey, A.packHex(table.plane), 0.55); }),
        uncertainty: ramp(table.uncertainty),
        classes: table.classes.map(A.packHex),
        instances: table.instances.map(A.packHex),
        found: table.found.map(A.packHex),
        foundNeutrinos: table.found_neutrinos.map(A.packHex),
        neutrino: A.packHex(table.neutrino),
        unknown: A.packHex(table.unknown),
        disagree: A.packHex(table.disagree),
        agree: A.packHex(table.agree),
        plane: A.packHex(table.plane),
        dead: A.packHex(table.dead),
        labels: table.labels.map(A.packHex),
        parts: table.parts.map(A.packHex),
        ink: table.ink, dim: table.dim, line: table.line, hair: table.hair, pin: table.pin,
        page: table.page, planeCss: table.plane,
      };
    }
    return made[theme];
  };
})(window.argonscope);
