// The weight gradient of a convolution: for every offset, gathered inputsᵀ · output gradients.
//
// Places of the rule book are shared out over a number of buffers that depends on their number alone,
// each owned by one thread at a time, and the buffers are added in order: the answer is the same
// whatever the number of threads.

#include <algorithm>

#include "instructions.hpp"
#include "kernel.hpp"
#include "team.hpp"

namespace argonscope {
namespace {

// Places taken at a time: their rows stay in cache over all pairs of channels.
constexpr std::int64_t CHUNK = 128;

// Inputs and groups of outputs whose gradients are summed at a time; they divide the usual widths.
constexpr int PORTABLE_INPUTS = 2, AVX2_INPUTS = 4, AVX512_INPUTS = 8;
constexpr int AVX512_GROUPS = 2;

struct Pair {
    const float *features, *gradients;
};

// sum[i][·] of inputs from `input` on and groups of outputs, over pairs, is added to the gradient.
// WHOLE: the groups have all their outputs.
template <class Vector, int INPUTS, int GROUPS, bool WHOLE>
ARGONSCOPE_INLINE void add_products(
    const WeightGradient& g, const Pair* pairs, std::int64_t number, std::int64_t input, std::int64_t group,
    float* gradient) {
    constexpr int PARTS = GROUPS * GROUP / lanes<Vector>();
    const std::int64_t left = WHOLE ? GROUPS * GROUP : g.outputs - group;
    Vector sum[INPUTS][PARTS] = {};
    for (const Pair* pair = pairs; pair != pairs + number; ++pair) {
        const float* x = pair->features + input;
        Vector y[PARTS];
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; ++part) {
            const std::int64_t from = part * lanes<Vector>();
            load(y[part], pair->gradients + group + from, left - from);
        }
#pragma GCC unroll 16
        for (int i = 0; i < INPUTS; ++i) {
            const float value = x[i];
#pragma GCC unroll 4
            for (int part = 0; part < PARTS; ++part) sum[i][part] += y[part] * value;
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < INPUTS; ++i) {
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; ++part) {
            const std::int64_t from = part * lanes<Vector>();
            float* target = gradient + (input + i) * g.outputs + group + from;
            Vector before;
            load(before, target, left - from);
            store(target, before + sum[i][part], left - from);
        }
    }
}

// All inputs, as many at a time as registers allow, then the few that are left.
template <class Vector, int INPUTS, int GROUPS, bool WHOLE>
ARGONSCOPE_INLINE void add_group(
    const WeightGradient& g, const Pair* pairs, std::int64_t number, std::int64_t group, float* gradient) {
    std::int64_t input = 0;
    for (; input + INPUTS <= g.inputs; input += INPUTS) {
        add_products<Vector, INPUTS, GROUPS, WHOLE>(g, pairs, number, input, group, gradient);
    }
    for (; input + 2 <= g.inputs; input += 2) {
        add_products<Vector, 2, GROUPS, WHOLE>(g, pairs, number, input, group, gradient);
    }
    for (; input < g.inputs; ++input) {
        add_products<Vector, 1, GROUPS, WHOLE>(g, pairs, number, input, group, gradient);
    }
}

template <class Vector, int INPUTS, int GROUPS>
ARGONSCOPE_INLINE void add_chunk(
    const WeightGradient& g, std::int64_t first, std::int64_t last, float* gradient) {
    for (std::int64_t offset = 0; offset < g.offsets; ++offset) {
        Pair pairs[CHUNK];
        std::int64_t number = 0;
        for (std::int64_t at = first; at < last; ++at) {
            if (g.table != nullptr && (present(g.patterns[at]) >> offset & 1) == 0) continue;
            const std::int64_t input = g.table == nullptr ? at : g.table[at * g.offsets + offset];
            const std::int64_t output = g.table == nullptr ? at : g.order[at];
            pairs[number++] = {g.features + input * g.inputs, g.gradients + output * g.outputs};
        }
        float* target = gradient + offset * g.inputs * g.outputs;
        std::int64_t group = 0;
        for (; group + GROUPS * GROUP <= g.outputs; group += GROUPS * GROUP) {
            add_group<Vector, INPUTS, GROUPS, true>(g, pairs, number, group, target);
        }
        for (; group + GROUP <= g.outputs; group += GROUP) {
            add_group<Vector, INPUTS, 1, true>(g, pairs, number, group, target);
        }
        if (group < g.outputs) add_group<Vector, INPUTS, 1, false>(g, pairs, number, group, target);
    }
}

using Chunk = void (*)(const WeightGradient&, std::int64_t, std::int64_t, float*);

void portable_chunk(const WeightGradient& g, std::int64_t first, std::int64_t last, float* gradient) {
    add_chunk<Vector4, PORTABLE_INPUTS, 1>(g, first, last, gradient);
}

#ifdef ARGONSCOPE_X86
ARGONSCOPE_AVX2 void avx2_chunk(
    const WeightGradient& g, std::int64_t first, std::int64_t last, float* gradient) {
    add_chunk<Vector8, AVX2_INPUTS, 1>(g, first, last, gradient);
}

ARGONSCOPE_AVX512 void avx512_chunk(
    const WeightGradient& g, std::int64_t first, std::int64_t last, float* gradient) {
    add_chunk<Vector16, AVX512_INPUTS, AVX512_GROUPS>(g, first, last, gradient);
}
#endif

Chunk chunk_function() {
#ifdef ARGONSCOPE_X86
    if (instruction_set() == AVX512) return avx512_chunk;
    if (instruction_set() == AVX2) return avx2_chunk;
#endif
    return portable_chunk;
}

}  // namespace

extern "C" void argonscope_weight_gradient(const WeightGradient* given) {
    const WeightGradient& g = *given;
    const Chunk add = chunk_function();
    const std::int64_t size = g.offsets * g.inputs * g.outputs;
    parallel(g.threads, g.buffers, [&](std::int64_t buffer) {
        float* own = g.sums + buffer * size;
        std::fill_n(own, size, 0.0f);
        const std::int64_t first = g.rows * buffer / g.buffers, last = g.rows * (buffer + 1) / g.buffers;
        for (std::int64_t at = first; at < last; at += CHUNK) add(g, at, std::min(at + CHUNK, last), own);
    });
    for (std::int64_t buffer = 1; buffer < g.buffers; ++buffer) {
        const float* other = g.sums + buffer * size;
        for (std::int64_t i = 0; i < size; ++i) g.sums[i] += other[i];
    }
}

}  // namespace argonscope
