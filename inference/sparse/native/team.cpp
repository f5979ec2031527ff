#include "team.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace argonscope {
namespace {

// The next layer mostly follows sooner than a sleeping thread wakes: that takes a virtual machine, which has
// put its idle core to rest, some hundred microseconds.
constexpr std::chrono::microseconds PATIENCE{300};

// Every thread begins with a part of the tasks that is its own from job to job, so that it finds in its cache what
// it left there, and then helps with those of the others.
struct Job {
    static constexpr int MOST_PARTS = 64;

    Task task;
    const void* body;
    std::int64_t tasks;
    int parts;
    std::atomic<std::int64_t> done[MOST_PARTS] = {};

    void work(int own) {
        for (int part = own; part < own + parts; ++part) work_on(part % parts);
    }

    void work_on(int part) {
        const std::int64_t first = tasks * part / parts, count = tasks * (part + 1) / parts - first;
        for (std::int64_t number; (number = done[part].fetch_add(1, std::memory_order_relaxed)) < count;) {
            task(body, first + number);
        }
    }
};

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

template <class Condition>
bool soon(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + PATIENCE;
    do {
        for (int look = 0; look < 16; ++look) {
            if (condition()) return true;
            relax();
        }
    } while (std::chrono::steady_clock::now() < end);
    return condition();
}

class Team {
public:
    // The calling thread works too, so `threads - 1` helpers are asked for.
    void run(int threads, Job& job) {
        std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
        if (!turn.owns_lock()) {
            job.work(0);
            return;
        }
        grow(threads - 1);
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            job_ = &job;
            places_ = threads - 1;
            generation_.fetch_add(1, std::memory_order_release);
        }
        called_.notify_all();
        job.work(0);
        {
            // No helper comes to this job any more.
            const std::lock_guard<std::mutex> lock(mutex_);
            job_ = nullptr;
        }
        const auto left = [this] { return busy_.load(std::memory_order_acquire) == 0; };
        if (soon(left)) return;
        std::unique_lock<std::mutex> lock(mutex_);
        done_.wait(lock, left);
    }

private:
    void grow(int helpers) {
        try {
            for (; helpers_ < helpers; ++helpers_) std::thread([this] { help(); }).detach();
        } catch (const std::system_error&) {
            // The system gives no more threads; those that are here do the work.
        }
    }

    [[noreturn]] void help() {
        std::uint64_t seen = 0;
        for (;;) {
            const auto called = [&] { return generation_.load(std::memory_order_acquire) != seen; };
            soon(called);
            Job* job = nullptr;
            int own = 0;
            {
                std::unique_lock<std::mutex> lock(mutex_);
                called_.wait(lock, called);
                seen = generation_.load(std::memory_order_relaxed);
                if (job_ == nullptr || places_ == 0) continue;
                own = places_--;
                job = job_;
                busy_.fetch_add(1, std::memory_order_relaxed);
            }
            job->work(own);
            const std::lock_guard<std::mutex> lock(mutex_);
            if (busy_.fetch_sub(1, std::memory_order_release) == 1) done_.notify_one();
        }
    }

    std::mutex turn_;  // held by the one call that has the helpers
    std::mutex mutex_;
    std::condition_variable called_, done_;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<int> busy_{0};
    Job* job_ = nullptr;
    int places_ = 0;
    int helpers_ = 0;
};

// Never destroyed: helpers sleep in it until the process ends. A forked child has no helpers, and
// maybe locks that nobody will open, so it begins with a team of its own.
Team* team = nullptr;

void new_team() { team = new Team; }

}  // namespace

void run_tasks(int threads, std::int64_t tasks, Task task, const void* body) {
    threads = static_cast<int>(std::min<std::int64_t>({threads, tasks, Job::MOST_PARTS}));
    Job job{task, body, tasks, std::max(threads, 1)};
    if (threads <= 1) {
        job.work(0);
        return;
    }
    static std::once_flag once;
    std::call_once(once, [] {
        new_team();
        pthread_atfork(nullptr, nullptr, new_team);
    });
    team->run(threads, job);
}

}  // namespace argonscope
