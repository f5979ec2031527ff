// Which instruction set is in use.

#include "kernel.hpp"

#include <atomic>
#include <initializer_list>

#include "instructions.hpp"

namespace argonscope {
namespace {

bool runs_here(InstructionSet set) {
    if (set == PORTABLE) return true;
#ifdef ARGONSCOPE_X86
    // These also ask whether the system keeps the wide registers.
    if (set == AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == AVX512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    }
#endif
    return false;
}

InstructionSet best() {
    for (const InstructionSet set : {AVX512, AVX2}) {
        if (runs_here(set)) return set;
    }
    return PORTABLE;
}

std::atomic<InstructionSet> chosen{best()};

}  // namespace

InstructionSet instruction_set() { return chosen.load(std::memory_order_relaxed); }

extern "C" std::int32_t argonscope_instruction_set() { return instruction_set(); }

extern "C" std::int32_t argonscope_use(std::int32_t wanted) {
    const InstructionSet set = static_cast<InstructionSet>(wanted);
    if (!runs_here(set)) return 0;
    chosen.store(set, std::memory_order_relaxed);
    return 1;
}

}  // namespace argonscope
