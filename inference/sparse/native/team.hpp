// Threads that share the tasks of one call, and sleep between calls.
//
// Not OpenMP: torch brings an OpenMP of its own, whose threads do not survive the fork of a worker,
// and a compiler need not have one.

#pragma once

#include <cstdint>

namespace argonscope {

using Task = void (*)(const void* body, std::int64_t number);

// Runs task(body, 0) … task(body, tasks - 1), each once, in up to `threads` threads including the
// caller's. Which thread runs which task is left to chance, so a task must own what it writes.
// While another call is under way the caller does all tasks itself.
void run_tasks(int threads, std::int64_t tasks, Task task, const void* body);

template <class Body>
void parallel(int threads, std::int64_t tasks, const Body& body) {
    run_tasks(
        threads, tasks,
        [](const void* given, std::int64_t number) { (*static_cast<const Body*>(given))(number); }, &body);
}

}  // namespace argonscope
