/* Two labellings of one image side by side, drawn alike: the same pixels, the same colours, the same zoom. */
(function () {
  "use strict";

  const SHADES = 24;
  const groups = {};   /* id of the box around two canvases -> what it shows */

  function bytes(text) { return Uint8Array.from(window.atob(text), function (c) { return c.charCodeAt(0); }); }

  function unpacked(picture) {
    const charge = bytes(picture.charge);
    const order = Array.from(charge.keys()).sort(function (a, b) { return charge[a] - charge[b]; });
    return {
      about: picture,
      rows: new Uint16Array(bytes(picture.rows).buffer),
      wires: new Uint16Array(bytes(picture.wires).buffer),
      charge: charge,
      answers: picture.answers.map(function (text) { return new Int8Array(bytes(text).buffer); }),
      order: order,   /* large charge last, so that it is seen where pixels fall together */
    };
  }

  function rgb(hex) { return [1, 3, 5].map(function (at) { return parseInt(hex.slice(at, at + 2), 16); }); }

  function ramp(stops) {
    return Array.from({ length: SHADES }, function (_, i) {
      const place = (i / (SHADES - 1)) * (stops.length - 1), at = Math.min(Math.floor(place), stops.length - 2);
      const low = rgb(stops[at]), high = rgb(stops[at + 1]);
      return "rgb(" + low.map(function (v, k) { return Math.round(v + (high[k] - v) * (place - at)); }).join(",") + ")";
    });
  }

  /* Where a pixel lies on a canvas of this size: the whole image in the middle, then the group's zoom. */
  function frame(group, width, height) {
    const about = group.image.about;
    const scale = Math.min(width / (about.width * about.cm_per_wire), height / (about.height * about.cm_per_row));
    const wire = scale * about.cm_per_wire * group.zoom, row = scale * about.cm_per_row * group.zoom;
    return {
      wire: wire, row: row,
      left: width * (0.5 + group.x) - (wire * about.width) / 2,
      top: height * (0.5 + group.y) - (row * about.height) / 2,
    };
  }

  function draw(group) {
    group.canvases.forEach(function (canvas, side) { drawSide(group, canvas, side); });
  }

  function drawSide(group, canvas, side) {
    const ratio = window.devicePixelRatio || 1, box = canvas.parentNode;
    const width = Math.round(box.clientWidth * ratio), height = Math.round(box.clientHeight * ratio);
    if (canvas.width !== width) { canvas.width = width; }
    if (canvas.height !== height) { canvas.height = height; }
    const pen = canvas.getContext("2d"), image = group.image;
    if (!image || !width || !height) { pen.clearRect(0, 0, width, height); return; }
    const about = image.about, colours = about.colours[group.theme], greys = ramp(about.greys[group.theme]);
    const at = frame(group, width, height);
    pen.fillStyle = about.planes[group.theme];
    pen.fillRect(0, 0, width, height);
    pen.strokeStyle = greys[0];
    pen.strokeRect(at.left, at.top, at.wire * about.width, at.row * about.height);
    for (const i of image.order) {
      const own = image.answers[side][i], other = image.answers[1 - side][i];
      const coloured = own >= 0 && (!group.onlyDifferent || own !== other);
      const row = about.first_row_on_top ? image.rows[i] : about.height - 1 - image.rows[i];
      const x = Math.round(at.left + image.wires[i] * at.wire), y = Math.round(at.top + row * at.row);
      const right = Math.round(at.left + (image.wires[i] + 1) * at.wire), low = Math.round(at.top + (row + 1) * at.row);
      pen.fillStyle = coloured ? colours[own] : greys[Math.round((image.charge[i] / 255) * (SHADES - 1))];
      pen.fillRect(x, y, Math.max(right - x, 1), Math.max(low - y, 1));
    }
  }

  function groupOf(id) {
    const box = document.getElementById(id);
    if (groups[id] && groups[id].box === box) { return groups[id]; }
    const canvases = Array.from(box.querySelectorAll("canvas"));
    const group = { box: box, canvases: canvases, image: null, theme: "light", onlyDifferent: false, zoom: 1, x: 0, y: 0 };
    canvases.forEach(function (canvas) { listen(group, canvas); });
    new ResizeObserver(function () { draw(group); }).observe(box);
    groups[id] = group;
    return group;
  }

  /* The wheel zooms both pictures about the mouse, a drag moves them, a double click shows the whole. */
  function listen(group, canvas) {
    canvas.addEventListener("wheel", function (event) {
      event.preventDefault();
      const size = canvas.getBoundingClientRect();
      const zoom = Math.min(Math.max(group.zoom * Math.exp(-event.deltaY / 400), 1), 24), by = zoom / group.zoom;
      const x = (event.clientX - size.left) / size.width - 0.5, y = (event.clientY - size.top) / size.height - 0.5;
      group.x = zoom === 1 ? 0 : x + (group.x - x) * by;
      group.y = zoom === 1 ? 0 : y + (group.y - y) * by;
      group.zoom = zoom;
      draw(group);
    }, { passive: false });
    canvas.addEventListener("pointerdown", function (event) { canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", function (event) {
      if (!event.buttons) { return; }
      group.x += event.movementX / canvas.clientWidth;
      group.y += event.movementY / canvas.clientHeight;
      draw(group);
    });
    canvas.addEventListener("dblclick", function () {
      group.zoom = 1;
      group.x = group.y = 0;
      draw(group);
    });
  }

  /* Show a picture, as viewer/pages/studies/pictures.py makes it, in the two canvases of a box. */
  window.argonscopePictures = {
    show: function (id, picture, theme, onlyDifferent) {
      const group = groupOf(id);
      if (!group.image || group.image.about !== picture) {
        group.image = picture ? unpacked(picture) : null;
        group.zoom = 1;
        group.x = group.y = 0;
      }
      group.theme = theme;
      group.onlyDifferent = Boolean(onlyDifferent);
      draw(group);
    },
  };
})();
