/* Geometry of wires and ticks. A wire of a plane is the line
 *   wire = (z cos a - y sin a) / pitch + offset,   a the angle to the vertical,
 * as in lartpc.detector; x is the drift, y up, z the beam, all in cm. */
(function (A) {
  "use strict";

  function radians(degrees) { return (degrees * Math.PI) / 180; }

  A.wireAt = function (plane, y, z) {
    const a = radians(plane.angle_deg);
    return (z * Math.cos(a) - y * Math.sin(a)) / plane.pitch_cm + plane.offset_wires;
  };

  /* (y, z) where two wires cross; null where their planes are parallel. */
  A.crossing = function (planeA, wireA, planeB, wireB) {
    const a = radians(planeA.angle_deg);
    const b = radians(planeB.angle_deg);
    const determinant = Math.sin(a - b);
    if (Math.abs(determinant) < 1e-9) { return null; }
    const ua = (wireA - planeA.offset_wires) * planeA.pitch_cm;
    const ub = (wireB - planeB.offset_wires) * planeB.pitch_cm;
    return {
      y: (ua * Math.cos(b) - ub * Math.cos(a)) / -determinant,
      z: (ub * Math.sin(a) - ua * Math.sin(b)) / determinant,
    };
  };

  A.inside = function (detector, point, margin) {
    return point.y >= detector.y_cm[0] - margin && point.y <= detector.y_cm[1] + margin &&
      point.z >= detector.z_cm[0] - margin && point.z <= detector.z_cm[1] + margin;
  };

  /* The two ends {y, z} of a wire inside the active volume; null if it misses the volume. */
  A.wireEnds = function (detector, plane, wire) {
    const a = radians(plane.angle_deg);
    const distance = (wire - plane.offset_wires) * plane.pitch_cm;
    const ends = [];
    if (Math.abs(Math.cos(a)) > 1e-9) {
      detector.y_cm.forEach(function (y) { ends.push({ y: y, z: (distance + y * Math.sin(a)) / Math.cos(a) }); });
    }
    if (Math.abs(Math.sin(a)) > 1e-9) {
      detector.z_cm.forEach(function (z) { ends.push({ y: (z * Math.cos(a) - distance) / Math.sin(a), z: z }); });
    }
    const kept = ends.filter(function (end) { return A.inside(detector, end, 0.01); });
    if (kept.length < 2) { return null; }
    kept.sort(function (p, q) { return p.y - q.y || p.z - q.z; });
    return [kept[0], kept[kept.length - 1]];
  };

  /* [lowest, highest] wire of plane B that crosses a wire of plane A inside the volume; null for none. */
  A.crossingRange = function (detector, planeA, wireA, planeB) {
    const ends = A.wireEnds(detector, planeA, wireA);
    if (!ends) { return null; }
    const wires = ends.map(function (end) { return A.wireAt(planeB, end.y, end.z); });
    return [Math.min(wires[0], wires[1]), Math.max(wires[0], wires[1])];
  };

  /* Drift position of a tick, for charge left at the trigger time, and back. */
  A.driftCm = function (detector, tick) { return (tick - detector.trigger_tick) * detector.cm_per_tick; };
  A.tickAt = function (detector, x) { return x / detector.cm_per_tick + detector.trigger_tick; };
})(window.argonscope);
