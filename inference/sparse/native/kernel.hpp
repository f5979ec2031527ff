// What the library offers to inference/sparse/kernel.py, which mirrors these structures with ctypes.
//
// Arrays are contiguous, row by row, and stay the caller's. Features have one row more than sites,
// all zero: a neighbour that is missing is that row. No function allocates what it returns, throws
// or keeps a pointer.

#pragma once

#include <cstdint>

namespace argonscope {

// Which neighbours a row has: bit k where that at offset k exists, bit 16 + k where it also lies in memory
// right behind that at offset k - 1.
using Pattern = std::uint32_t;

inline unsigned present(Pattern pattern) { return pattern & 0xffffu; }

inline unsigned continued(Pattern pattern) { return pattern >> 16; }

// How many neighbours lie one behind the other from this offset on.
inline int run_length(unsigned joined, int offset) { return 1 + __builtin_ctz(~(joined >> (offset + 1))); }

extern "C" {

// One sum of a convolution: features (·, inputs) gathered by table (rows, offsets), or taken row by
// row where there is no table (offsets is one then), times weights as `argonscope_pack` lays them, of
// which it takes `inputs` from `first` on: features that lie in two arrays are two terms.
struct Term {
    const float* features;
    const std::int32_t* table;
    const float* weight;  // for weight_inputs inputs
    std::int64_t inputs, first, weight_inputs;
};

// out[order[i]] = epilogue(Σ over terms, offsets k of features[table[i][k]] · weight[k]).
struct Convolution {
    const Term* terms;
    std::int64_t term_count;
    std::int64_t rows, offsets, outputs;
    const std::int32_t* order;   // (rows); null: as they come
    const Pattern* patterns;     // (rows)
    const float* bias;           // (outputs) or null
    const float* added;          // (rows, outputs) or null: a shortcut
    float* out;                  // (rows + 1, outputs), or null where only `normed` is wanted
    const float *scale, *shift;  // (outputs): normed = relu(out · scale + shift), a norm of its own
    float* normed;               // (rows + 1, outputs) or null
    std::int32_t relu;
    std::int32_t threads;
};

// sums[0] = gradient (offsets, inputs, outputs) of the weights, from what went in and the gradient of
// what came out. `buffers` of that size are worked in.
struct WeightGradient {
    const float* features;   // (·, inputs)
    const float* gradients;  // (·, outputs)
    const std::int32_t* table;  // as in Term; null: row by row
    const std::int32_t* order;
    const Pattern* patterns;
    std::int64_t rows, offsets, inputs, outputs, buffers;
    float* sums;  // (buffers, offsets, inputs, outputs)
    std::int32_t threads;
};

// One after the other: each may need what those before it made.
void argonscope_convolve(const Convolution* given, std::int64_t count);
void argonscope_weight_gradient(const WeightGradient* given);

// weight[k · offset_stride + i · input_stride + o · output_stride] → (⌈outputs / 16⌉, offsets, inputs, 16).
void argonscope_pack(
    const float* weight, std::int64_t offset_stride, std::int64_t input_stride, std::int64_t output_stride,
    std::int64_t offsets, std::int64_t inputs, std::int64_t outputs, float* packed);

// Keys as in inference/sparse/geometry.py → table (sites, 9), where a missing neighbour is `sites`.
void argonscope_neighbours(
    const std::int64_t* keys, std::int64_t sites, std::int64_t stride, std::int32_t* table,
    std::int32_t threads);

// table (rows, side²): the site at each place of a window of odd side round each centre, `sites` where there
// is none. Centres rise.
void argonscope_strided(
    const std::int64_t* keys, std::int64_t sites, const std::int64_t* centres, std::int64_t rows,
    std::int64_t stride, std::int64_t side, std::int32_t* table, std::int32_t threads);

// The level below: keys_below (≤ sites), slots (sites + 1), children (≤ sites, 4). Returns its sites.
std::int64_t argonscope_halve(
    const std::int64_t* keys, std::int64_t sites, std::int64_t rows, std::int64_t wires,
    std::int64_t* keys_below, std::int32_t* slots, std::int32_t* children);

// slots (sites + 1) → table (sites, 4): the parent at the site's own place, `missing` at the others.
void argonscope_parents(
    const std::int32_t* slots, std::int64_t sites, std::int32_t missing, std::int32_t* table);

// Puts the rows of a table in the order in which they are computed: ordered[i] = table[order[i]].
void argonscope_order(
    const std::int32_t* table, std::int64_t rows, std::int64_t offsets, std::int32_t missing,
    std::int32_t* ordered, std::int32_t* order, Pattern* patterns, std::int32_t threads);

// The set in use, as in InstructionSet; the best of this machine to begin with.
std::int32_t argonscope_instruction_set();

// Uses a set from now on; 0 where this machine, or this build, does not have it.
std::int32_t argonscope_use(std::int32_t wanted);

}  // extern "C"

}  // namespace argonscope
