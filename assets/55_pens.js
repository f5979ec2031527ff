/* Two pens with the same strokes: one draws on a canvas, one writes SVG. Axes, hair lines and legends
 * are drawn once, through a pen, and so look the same on screen and in a saved picture. */
(function (A) {
  "use strict";

  const FONT = '-apple-system, "Segoe UI", "Inter", "Roboto", "Helvetica Neue", Arial, "Liberation Sans", sans-serif';
  A.FONT = FONT;

  A.CanvasPen = class {
    constructor(context) { this.context = context; }

    line(x1, y1, x2, y2, colour, width, dash) {
      const c = this.context;
      c.beginPath();
      c.setLineDash(dash || []);
      c.strokeStyle = colour;
      c.lineWidth = width || 1;
      c.moveTo(x1, y1);
      c.lineTo(x2, y2);
      c.stroke();
    }

    rect(x, y, w, h, fill, stroke, dash) {
      const c = this.context;
      if (fill) { c.fillStyle = fill; c.fillRect(x, y, w, h); }
      if (stroke) {
        c.setLineDash(dash || []);
        c.lineWidth = 1;
        c.strokeStyle = stroke;
        c.strokeRect(x, y, w, h);
      }
    }

    ring(x, y, radius, colour, width) {
      const c = this.context;
      c.beginPath();
      c.setLineDash([]);
      c.strokeStyle = colour;
      c.lineWidth = width || 1.5;
      c.arc(x, y, radius, 0, 2 * Math.PI);
      c.stroke();
    }

    /* Closed loops [[x, y], ...]. */
    loops(loops, colour, width, dash) {
      const c = this.context;
      c.beginPath();
      c.setLineDash(dash || []);
      c.lineJoin = "round";
      c.strokeStyle = colour;
      c.lineWidth = width;
      loops.forEach(function (loop) {
        loop.forEach(function (point, i) { if (i) { c.lineTo(point[0], point[1]); } else { c.moveTo(point[0], point[1]); } });
        c.closePath();
      });
      c.stroke();
    }

    text(x, y, words, options) {
      const c = this.context;
      const o = options || {};
      c.save();
      c.translate(x, y);
      if (o.turned) { c.rotate(-Math.PI / 2); }
      c.font = (o.weight || 400) + " " + (o.size || 11) + "px " + FONT;
      c.textAlign = o.align || "left";
      c.textBaseline = o.base || "alphabetic";
      if (o.halo) { c.lineJoin = "round"; c.lineWidth = 3; c.strokeStyle = o.halo; c.strokeText(words, 0, 0); }
      c.fillStyle = o.colour;
      c.fillText(words, 0, 0);
      c.restore();
    }

    image(canvas, x, y, w, h) {
      const c = this.context;
      c.imageSmoothingEnabled = false;
      c.drawImage(canvas, x, y, w, h);
    }

    clip(x, y, w, h, draw) {
      const c = this.context;
      c.save();
      c.beginPath();
      c.rect(x, y, w, h);
      c.clip();
      draw();
      c.restore();
    }

    width(words, size, weight) {
      this.context.font = (weight || 400) + " " + size + "px " + FONT;
      return this.context.measureText(words).width;
    }
  };

  const measuring = document.createElement("canvas").getContext("2d");

  function escape(text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  }

  const ANCHOR = { left: "start", center: "middle", right: "end" };
  const BASE = { alphabetic: 0, middle: 0.35, top: 0.8, bottom: -0.2 };

  A.SvgPen = class {
    constructor(width, height) {
      this.size = [width, height];
      this.parts = [];
      this.clips = 0;
    }

    line(x1, y1, x2, y2, colour, width, dash) {
      this.parts.push('<line x1="' + x1 + '" y1="' + y1 + '" x2="' + x2 + '" y2="' + y2 + '" stroke="' + colour +
        '" stroke-width="' + (width || 1) + '"' + (dash && dash.length ? ' stroke-dasharray="' + dash.join(" ") + '"' : "") + "/>");
    }

    rect(x, y, w, h, fill, stroke, dash) {
      this.parts.push('<rect x="' + x + '" y="' + y + '" width="' + w + '" height="' + h + '" fill="' + (fill || "none") + '"' +
        (stroke ? ' stroke="' + stroke + '"' : "") + (dash && dash.length ? ' stroke-dasharray="' + dash.join(" ") + '"' : "") + "/>");
    }

    ring(x, y, radius, colour, width) {
      this.parts.push('<circle cx="' + x + '" cy="' + y + '" r="' + radius + '" fill="none" stroke="' + colour +
        '" stroke-width="' + (width || 1.5) + '"/>');
    }

    loops(loops, colour, width, dash) {
      const path = loops.map(function (loop) {
        return "M" + loop.map(function (point) { return point[0].toFixed(1) + " " + point[1].toFixed(1); }).join("L") + "Z";
      }).join("");
      this.parts.push('<path d="' + path + '" fill="none" stroke="' + colour + '" stroke-width="' + width + '" stroke-linejoin="round"' +
        (dash && dash.length ? ' stroke-dasharray="' + dash.join(" ") + '"' : "") + "/>");
    }

    text(x, y, words, options) {
      const o = options || {};
      const size = o.size || 11;
      const shift = (BASE[o.base || "alphabetic"] || 0) * size;
      const turn = o.turned ? ' transform="rotate(-90 ' + x + " " + y + ')"' : "";
      this.parts.push('<text x="' + x + '" y="' + y + '" dy="' + shift + '" font-size="' + size + '" font-weight="' + (o.weight || 400) +
        '" text-anchor="' + ANCHOR[o.align || "left"] + '" fill="' + o.colour + '"' + turn + ">" + escape(words) + "</text>");
    }

    image(canvas, x, y, w, h) {
      this.parts.push('<image x="' + x + '" y="' + y + '" width="' + w + '" height="' + h +
        '" style="image-rendering:pixelated" preserveAspectRatio="none" href="' + canvas.toDataURL("image/png") + '"/>');
    }

    clip(x, y, w, h, draw) {
      const id = "clip" + (this.clips += 1);
      this.parts.push('<clipPath id="' + id + '"><rect x="' + x + '" y="' + y + '" width="' + w + '" height="' + h + '"/></clipPath><g clip-path="url(#' + id + ')">');
      draw();
      this.parts.push("</g>");
    }

    width(words, size, weight) { return new A.CanvasPen(measuring).width(words, size, weight); }

    toString() {
      return '<svg xmlns="http://www.w3.org/2000/svg" width="' + this.size[0] + '" height="' + this.size[1] + '" viewBox="0 0 ' +
        this.size[0] + " " + this.size[1] + '" font-family="' + escape(FONT) + '">' + this.parts.join("\n") + "</svg>\n";
    }
  };
})(window.argonscope);
