/* The binary body of the server: uint32 length of a JSON header, the header, then aligned
 * little-endian arrays in the order of header.arrays. Typed arrays view the body without a copy. */
(function (A) {
  "use strict";

  const KINDS = {
    uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array,
    uint32: Uint32Array, int32: Int32Array, float32: Float32Array,
  };

  /* ArrayBuffer -> {header, arrays: name -> typed array}; float16 becomes float32. */
  A.decode = function (buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const start = 4 + length;
    const arrays = {};
    header.arrays.forEach(function (row) {
      const count = row.shape.reduce(function (product, side) { return product * side; }, 1);
      if (row.dtype === "float16") {
        arrays[row.name] = halfToFloat(new Uint16Array(buffer, start + row.offset, count));
      } else if (KINDS[row.dtype]) {
        arrays[row.name] = new KINDS[row.dtype](buffer, start + row.offset, count);
      } else {
        throw new Error("The server sent an array of the unknown kind " + row.dtype + ".");
      }
    });
    return { header: header, arrays: arrays };
  };

  /* IEEE 754 half precision, through a table of all 65 536 values that is made once. */
  let table = null;
  function halfTable() {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) {
      const sign = bits & 0x8000 ? -1 : 1;
      const exponent = (bits >> 10) & 0x1f;
      const fraction = bits & 0x3ff;
      if (exponent === 31) {
        table[bits] = fraction ? NaN : sign * Infinity;
      } else if (exponent === 0) {
        table[bits] = sign * fraction * Math.pow(2, -24);
      } else {
        table[bits] = sign * (1 + fraction / 1024) * Math.pow(2, exponent - 15);
      }
    }
  }

  function halfToFloat(halves) {
    if (!table) { halfTable(); }
    const floats = new Float32Array(halves.length);
    for (let i = 0; i < halves.length; i++) { floats[i] = table[halves[i]]; }
    return floats;
  }
})(window.argonscope);
