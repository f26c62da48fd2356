// SPDX-License-Identifier: GPL-3.0-or-later
// What is put and deleted waits here for a thread of the writer's own, so that Xapian works
// beside whoever reads, embeds and writes rows. Included by fulltext_xapian.cc alone, after
// xapian.h.
//
// One thread puts, one takes, in the same order: the index is the same as without. What
// waits is bounded. The thread is started with the first entry.
#ifndef GRF_FULLTEXT_QUEUE_HH
#define GRF_FULLTEXT_QUEUE_HH

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace {

constexpr size_t waiting_most = 256; // entries, of some 20 KB each

// A passage as Xapian takes it, and its length.
struct new_passage {
    Xapian::Document doc;
    Xapian::termcount length = 0;
};

// A passage to be put, or the id of one to be deleted. Xapian counts who has a document
// without regard to threads: it goes over whole, behind its pointer.
struct ft_entry {
    Xapian::docid id;
    std::unique_ptr<new_passage> passage; // none: it is deleted
};

class ft_queue {
public:
    // run does not throw; after the first entry that it fails on the others are dropped.
    explicit ft_queue(std::function<bool(const ft_entry &)> to_run) : run(std::move(to_run)) {}
    ft_queue(const ft_queue &) = delete;
    ft_queue &operator=(const ft_queue &) = delete;

    ~ft_queue() { stop(); }

    // Drops what waits.
    void stop()
    {
        {
            std::lock_guard<std::mutex> held(lock);
            stopping = true;
            changed.notify_all();
        }
        if (thread.joinable())
            thread.join();
    }

    void push(ft_entry &&e)
    {
        std::unique_lock<std::mutex> held(lock);
        if (!thread.joinable() && !start()) { // then nothing is done beside
            failed = failed || !run(e);
            return;
        }
        changed.wait(held, [&] { return entries.size() < waiting_most || failed; });
        if (failed)
            return;
        entries.push_back(std::move(e));
        changed.notify_all();
    }

    // Waits until all is done, or something has failed.
    void drain()
    {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [&] { return !busy && (entries.empty() || failed); });
    }

    bool has_failed()
    {
        std::lock_guard<std::mutex> held(lock);
        return failed;
    }

private:
    std::function<bool(const ft_entry &)> run;
    std::mutex lock;
    std::condition_variable changed;
    std::deque<ft_entry> entries;
    bool busy = false, failed = false, stopping = false;
    std::thread thread;

    bool start()
    {
        try {
            thread = std::thread([this] { work(); });
            return true;
        } catch (const std::system_error &) {
            return false;
        }
    }

    void work()
    {
        std::unique_lock<std::mutex> held(lock);
        for (;;) {
            changed.wait(held, [&] { return stopping || (!entries.empty() && !failed); });
            if (stopping)
                return;
            busy = true;
            bool done;
            {
                ft_entry e = std::move(entries.front());
                entries.pop_front();
                held.unlock();
                done = run(e);
            }
            held.lock();
            busy = false;
            failed = failed || !done;
            changed.notify_all();
        }
    }
};

} // namespace

#endif
